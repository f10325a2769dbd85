/**
 * The log of one request, with its id on each line. Pino's child log is made at the first line that is written, because
 * making it takes longer than the rest of a request's logging, and most requests write no line.
 */
import type { FastifyBaseLogger } from 'fastify';

/** An object to log or a message, and what belongs to it. */
type Line = unknown[];
type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
type Parent = FastifyBaseLogger & { isLevelEnabled(level: Level): boolean };
type Child = Parameters<FastifyBaseLogger['child']>;

export class RequestLog implements FastifyBaseLogger {
  readonly #parent: Parent;
  readonly #made: Child;
  #own: FastifyBaseLogger | undefined;

  /** `made`: what the child log is made of. */
  constructor(parent: Parent, ...made: Child) {
    this.#parent = parent;
    this.#made = made;
  }

  get level(): string {
    return this.#parent.level;
  }

  child(...made: Child): FastifyBaseLogger {
    return new RequestLog(this.#parent, { ...this.#made[0], ...made[0] }, { ...this.#made[1], ...made[1] });
  }

  trace(...line: Line): void {
    this.#write('trace', line);
  }

  debug(...line: Line): void {
    this.#write('debug', line);
  }

  info(...line: Line): void {
    this.#write('info', line);
  }

  warn(...line: Line): void {
    this.#write('warn', line);
  }

  error(...line: Line): void {
    this.#write('error', line);
  }

  fatal(...line: Line): void {
    this.#write('fatal', line);
  }

  silent(): void {}

  #write(level: Level, line: Line): void {
    if (!this.#parent.isLevelEnabled(level)) return;
    this.#own ??= this.#parent.child(...this.#made);
    // The overloads of pino's methods take no list. The lines are those of a caller of such a method, so they fit.
    Reflect.apply(this.#own[level], this.#own, line);
  }
}
