/**
 * The service as in production: many processes, each replaced after it is killed. Records every induced failure with
 * the time until recovery.
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

  /** Resolves when all processes have started. */
  async start(roles: readonly FleetRole[]): Promise<void> {
    await Promise.all(roles.map((role) => this.#add(role)));
  }

  /** URLs of the web processes that are up. */
  get urls(): string[] {
    return this.#members.filter(({ role }) => role === 'web').map(({ url }) => url);
  }

  /** Processes that ended without being killed; there should be none. */
  get deaths(): readonly string[] {
    return this.#obituaries;
  }

  /** Kills the `nth` process of a role by SIGKILL and starts another. Rejects if it ended in another way. */
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

  /** Signals each process of a role, but not its child processes. */
  signal(role: FleetRole, name: 'SIGSTOP' | 'SIGCONT'): void {
    for (const member of this.#members) if (member.role === role) process.kill(member.process.pid, name);
  }

  /** Causes a failure and records the time until `recovered` resolves. */
  async strike(what: string, blow: () => Promise<void>, recovered: () => Promise<void>): Promise<void> {
    const struckAt = performance.now();
    await blow();
    await recovered().catch((cause: unknown) => {
      throw new Error(`not recovered: ${what}`, { cause });
    });
    this.blows.push({ what, recoveredAfterMs: Math.round(performance.now() - struckAt) });
  }

  /** Stops all processes; resolves with the obituaries of those that did not end with code 0. */
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
    const index = this.#members.indexOf(member);
    if (index === -1) return;
    this.#members.splice(index, 1);
    this.#obituaries.push(`${member.role}: ${member.process.obituary}`);
  }
}
