/** pino, with what must never be written cut out wherever a caller puts it. */
import { type DestinationStream, type Logger, pino } from 'pino';

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

/** Logs JSON lines to standard output, or to `destination`. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const paths = secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  const options = { level, redact: { paths, censor: '[redacted]' } };
  return destination ? pino(options, destination) : pino(options);
}

/** For programs whose standard output is their answer. */
export const createStderrLog = (level: string): Log => createLog(level, pino.destination(2));
