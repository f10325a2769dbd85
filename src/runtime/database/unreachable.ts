/** Distinguishes an unreachable database, which is temporary, from a wrong statement, which is not. */
import { sqlState } from './sql-state.ts';

/**
 * connection_exception (08…), too_many_connections, shutdowns, missing database.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const sqlStates = /^(08...|53300|57P0[123]|3D000)$/;
const socketCodes = /^(ECONN\w+|EPIPE|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** Messages that node-postgres and its pool throw without a code. */
const messages =
  /Connection terminated|PostgreSQL was silent|timeout exceeded when trying to connect|connection error and is not queryable/;

export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (sqlStates.test(sqlState(error) ?? '') || messages.test(error.message)) return true;
  if ('code' in error && typeof error.code === 'string' && socketCodes.test(error.code)) return true;
  if (error instanceof AggregateError && error.errors.some(isUnreachable)) return true;
  return isUnreachable(error.cause);
}
