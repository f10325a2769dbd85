/**
 * The service as it runs in production: many processes, each started again by its supervisor when it ends.
 * Every blow that is struck is remembered with how long it took to recover from it.
 */
import { ServiceProcess } from './processes.ts';

export type FleetRole = 'web' | 'worker' | 'clock';
export type Blow = { what: string; recoveredAfterMs: number };

type Member = { role: FleetRole; process: ServiceProcess; url: string };

export class Fleet {
  readonly blows: Blow[] = [];
  readonly #settings: Record<string, string>;
  readonly #members: Member[] = [];
  readonly #obituaries: string[] = [];

  constructor(settings: Record<string, string>) {
    this.#settings = settings;
  }

  /** Resolves when all are up. */
  async start(roles: readonly FleetRole[]): Promise<void> {
    await Promise.all(roles.map((role) => this.#add(role)));
  }

  /** Where the webs listen that are up. */
  get urls(): string[] {
    return this.#members.filter(({ role }) => role === 'web').map(({ url }) => url);
  }

  /** Those that ended without having been killed: there should be none. */
  get deaths(): readonly string[] {
    return this.#obituaries;
  }

  /** SIGKILL for the `nth` of a role; another takes its place. Rejects where it ended otherwise. */
  async kill(role: FleetRole, nth: number): Promise<void> {
    const members = this.#members.filter((member) => member.role === role);
    const member = members[nth % members.length];
    if (!member) throw new Error(`no ${role} is up`);
    this.#members.splice(this.#members.indexOf(member), 1);
    process.kill(-member.process.pid, 'SIGKILL');
    const { signal } = await member.process.ended;
    if (signal !== 'SIGKILL') throw new Error(`the ${role} was to be killed, and ended by ${signal}`);
    await this.#add(role);
  }

  /** To each process of a role, and to nothing it started. */
  signal(role: FleetRole, name: 'SIGSTOP' | 'SIGCONT'): void {
    for (const member of this.#members) if (member.role === role) process.kill(member.process.pid, name);
  }

  /** Does something bad, and waits until `recovered` resolves. */
  async strike(what: string, blow: () => Promise<void>, recovered: () => Promise<void>): Promise<void> {
    const struckAt = performance.now();
    await blow();
    await recovered().catch((cause: unknown) => {
      throw new Error(`not recovered: ${what}`, { cause });
    });
    this.blows.push({ what, recoveredAfterMs: Math.round(performance.now() - struckAt) });
  }

  /** Asks all to stop; resolves with the obituaries of those that did not end well. */
  async stop(): Promise<string[]> {
    const members = this.#members.splice(0);
    for (const { process: each } of members) process.kill(each.pid, 'SIGTERM');
    await Promise.all(members.map(({ process: each }) => each.ended));
    const ended = members.map(({ role, process: each }) => `${role}: ${each.obituary}`);
    return ended.filter((obituary) => !obituary.includes('"code":0'));
  }

  async #add(role: FleetRole): Promise<void> {
    const started = await ServiceProcess.start(role, this.#settings);
    const line = await started.logged('started');
    const member = { role, process: started, url: String(line['url']) };
    this.#members.push(member);
    started.ended.then(
      () => this.#noteDeath(member),
      (error: unknown) => this.#obituaries.push(String(error)),
    );
  }

  #noteDeath(member: Member): void {
    const place = this.#members.indexOf(member);
    if (place === -1) return;
    this.#members.splice(place, 1);
    this.#obituaries.push(`${member.role}: ${member.process.obituary}`);
  }
}
