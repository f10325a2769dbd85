/**
 * Runs web, worker and clock as processes of their own, so that they use the cores there are. Starts again whichever
 * ends or stops answering, and stops all of them together. Nothing is lost with a process: the database holds all work.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Log } from './runtime/log.ts';
import type { Role } from './processes.ts';

/** What a process tells its supervisor. `alive` comes every few seconds, from the beginning. */
type Message = { kind: 'alive' } | { kind: 'started'; url: string | null };

const aliveEveryMs = 2_000;
/** A process that is silent for so long is killed. Longer than any pause of a machine that is merely busy. */
const silentAtMostMs = 60_000;
/** The pause before a process starts again. It doubles while the process keeps ending within a minute. */
const againAfterMs = { least: 1_000, most: 30_000 };
const ranLongMs = 60_000;

export class Supervisor {
  readonly #log: Log;
  readonly #program: string;
  readonly #children = new Map<Role, ChildProcess>();
  #stopping: Promise<void> | null = null;

  /** `program`: the file that runs a role, named as its only argument. */
  constructor({ log, program }: { log: Log; program: string }) {
    this.#log = log;
    this.#program = program;
  }

  /**
   * Starts the first role, and when it has started the others, so that a wrong setting is reported once. Returns the
   * URL of the web process. Rejects if a process ends before it has started; its own error is printed already.
   */
  async start([first, ...others]: readonly Role[]): Promise<string | null> {
    const urls = first ? [await this.#begin(first)] : [];
    urls.push(...(await Promise.all(others.map((role) => this.#begin(role)))));
    return urls.find((url) => url !== null) ?? null;
  }

  /** Resolves when every process has ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Ends every process at once, in the middle of its work. */
  kill(): void {
    for (const child of this.#children.values()) child.kill('SIGKILL');
  }

  async #stopAll(): Promise<void> {
    const children = [...this.#children.values()];
    const ended = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(ended);
  }

  async #begin(role: Role): Promise<string | null> {
    const started = Promise.withResolvers<string | null>();
    this.#run(role, {
      onStarted: started.resolve,
      onEnded: () => started.reject(new EndedEarly(`${role} ended before it had started`)),
    });
    const url = await started.promise;
    this.#keep(role, againAfterMs.least);
    return url;
  }

  /** Starts the role again whenever its process ends. */
  #keep(role: Role, pauseMs: number): void {
    const beganMs = performance.now();
    this.#children.get(role)?.once('exit', (code, signal) => {
      if (this.#stopping) return;
      const isEarly = performance.now() - beganMs < ranLongMs;
      const nextPauseMs = isEarly ? Math.min(2 * pauseMs, againAfterMs.most) : againAfterMs.least;
      this.#log.error({ role, code, signal, pauseMs }, 'a process ended and is started again');
      setTimeout(() => {
        if (this.#stopping) return;
        this.#run(role, {});
        this.#keep(role, nextPauseMs);
      }, pauseMs);
    });
  }

  #run(
    role: Role,
    { onStarted, onEnded }: { onStarted?: (url: string | null) => void; onEnded?: () => void },
  ): void {
    const child = fork(this.#program, [role], { execArgv: process.execArgv });
    this.#children.set(role, child);
    this.#log.info({ role, pid: child.pid }, 'a process begins');
    const silent = setTimeout(() => {
      this.#log.fatal({ role }, 'a process is silent and is killed');
      child.kill('SIGKILL');
    }, silentAtMostMs);
    child.on('message', (message: Message) => {
      silent.refresh();
      if (message.kind === 'started') onStarted?.(message.url);
    });
    child.once('exit', () => {
      clearTimeout(silent);
      this.#children.delete(role);
      onEnded?.();
    });
  }
}

/** A process ended before it had started, and has printed why. */
export class EndedEarly extends Error {}

/**
 * For a process that may run under a supervisor: tells it that it is alive, and calls `onAlone` if the supervisor has
 * gone. Returns null without a supervisor, or else a function to tell that the role has started.
 */
export function underSupervisor(onAlone: () => void): ((url: string | null) => void) | null {
  if (!process.send) return null;
  const tell = (message: Message): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('disconnect', onAlone);
  // The supervisor may have gone while this process was loading.
  if (!process.connected) onAlone();
  setInterval(() => tell({ kind: 'alive' }), aliveEveryMs).unref();
  return (url) => tell({ kind: 'started', url });
}
