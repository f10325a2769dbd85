/** The pino logger. Secrets and personal data are redacted wherever a caller puts them. */
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
  // An error of Redis carries the failed command with its arguments, which may be the password.
  const paths = ['err.command', ...secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])];
  const options = { level, redact: { paths, censor: '[redacted]' }, hooks };
  return destination ? pino(options, destination) : pino(options);
}

/** For programs that print their result to standard output. `isStopping` is for one that also serves meanwhile. */
export const createStderrLog = (level: string, isStopping?: () => boolean): Log =>
  createLog(level, pino.destination(2), isStopping ? delayLosses(isStopping) : {});

type Life = {
  /** Called when the log's output is closed. */
  onClosed: () => void;
  isStopping: () => boolean;
};

/** Covers the gap between the signals of a machine that stops everything at once, and this process's time to react. */
const signalsWithinMs = 250;

/** The log of a service, on standard output. */
export function createServiceLog(level: string, { onClosed, isStopping }: Life): Log {
  const destination = pino.destination(1);
  onClosedOutput([destination], onClosed);
  return createLog(level, destination, delayLosses(isStopping));
}

/**
 * If everything is stopped at once, the database may end before the connections to it, or before this process gets
 * its own signal. That is no error. So a lost connection is logged after a moment, and not if the process is stopping.
 */
const delayLosses = (isStopping: () => boolean): Hooks => ({
  logMethod(args, write, at) {
    const writeUnlessStopping = (): void => {
      if (!isStopping()) write.apply(this, args);
    };
    if (at < errorLevel || !isLossOf(args[0])) write.apply(this, args);
    else setTimeout(writeUnlessStopping, signalsWithinMs).unref();
  },
});

/** Pino's number for the level `error`. */
const errorLevel = 50;

const isLossOf = (logged: unknown): boolean =>
  typeof logged === 'object' && logged !== null && 'err' in logged && isConnectionLoss(logged.err);

/** admin_shutdown, crash_shutdown, cannot_connect_now. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const lossCodes: readonly unknown[] = ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** pg gives no code for a connection that ended, or had ended before the query; only a message. */
const lossMessages = /^Connection terminated|not queryable$/;

/** Looks into the error's cause too. */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && lossCodes.includes(error.code)) return true;
  return lossMessages.test(error.message) || isConnectionLoss(error.cause);
}
