/** pino, with what must never be written cut out wherever a caller puts it. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { onClosedOutput } from './closed-output.ts';

export type Log = Logger;

const secrets = [
  'authorization',
  'apiKey',
  'secret',
  'password',
  'token',
  'email',
  'phone',
  'merchant',
  'description',
];

type Hooks = NonNullable<Parameters<typeof pino>[0]>['hooks'];

/** Logs JSON lines to standard output, or to `destination`. */
export function createLog(level: string, destination?: DestinationStream, hooks: Hooks = {}): Log {
  // An error of Redis carries the command that failed, with its arguments: the password, at worst.
  const paths = ['err.command', ...secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])];
  const options = { level, redact: { paths, censor: '[redacted]' }, hooks };
  return destination ? pino(options, destination) : pino(options);
}

/** For programs whose standard output is their answer. `isStopping`: of one that serves meanwhile, as a service's. */
export const createStderrLog = (level: string, isStopping?: () => boolean): Log =>
  createLog(level, pino.destination(2), isStopping ? holdLosses(isStopping) : {});

type Life = {
  /** Told when nobody reads the log any more. */
  onClosed: () => void;
  isStopping: () => boolean;
};

/** Between the signals of a machine that stops everything at once, and what this process has to do before it hears its own. */
const signalsWithinMs = 250;

/** A service's. */
export function createServiceLog(level: string, { onClosed, isStopping }: Life): Log {
  const destination = pino.destination(1);
  onClosedOutput([destination], onClosed);
  return createLog(level, destination, holdLosses(isStopping));
}

/**
 * Where everything is stopped at once, a database goes before the last connections to it are closed, or before
 * the process has heard its own signal: that is no error, so losses wait a moment to be told.
 */
const holdLosses = (isStopping: () => boolean): Hooks => ({
  logMethod(args, write, at) {
    const tell = (): void => {
      if (!isStopping()) write.apply(this, args);
    };
    if (at < errorLevel || !isLossOf(args[0])) write.apply(this, args);
    else setTimeout(tell, signalsWithinMs).unref();
  },
});

/** Pino's. */
const errorLevel = 50;

const isLossOf = (logged: unknown): boolean =>
  typeof logged === 'object' && logged !== null && 'err' in logged && isConnectionLoss(logged.err);

/** admin_shutdown, crash_shutdown, cannot_connect_now. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const lossCodes: readonly unknown[] = ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** Of a connection that ended, or had ended before it was asked anything, pg says so in words only. */
const lossWords = /^Connection terminated|not queryable$/;

/** However it was wrapped. */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && lossCodes.includes(error.code)) return true;
  return lossWords.test(error.message) || isConnectionLoss(error.cause);
}
