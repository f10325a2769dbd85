/** Puts on record what cannot be refused any more: it has happened, and its answer is on the way. */
import { type AuditEntry, recordAudit } from '../accounts/audit-record.ts';
import type { HttpDependencies } from './dependencies.ts';

/** Never throws. A record that cannot be written is an error in the log. */
export async function recordHappened(
  { db, log }: Pick<HttpDependencies, 'db' | 'log'>,
  entry: AuditEntry,
): Promise<void> {
  const line = { component: 'audit', action: entry.action, ...entry.details };
  log.info(line, 'on record');
  try {
    await recordAudit(db.sql, entry);
  } catch (err) {
    log.error({ err, ...line }, 'not on record');
  }
}
