/** One rule of a person. */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';
import type { PersonRef } from './lock-people.ts';
import { readStanding, type RuleStanding, selectRules, type StoredRule } from './read-standing.ts';

/** Undefined where the person has no such rule. Rides on the primary key. */
export async function readRule(
  sql: Sql,
  person: PersonRef,
  ruleId: string,
  now: Temporal.Instant,
): Promise<RuleStanding | undefined> {
  const { rows } = await statement<StoredRule>`
    ${selectRules}
    where r.tenant_id = ${person.tenantId} and r.id = ${ruleId} and r.user_id = ${person.userId}`.execute(
    sql,
  );
  const [standing] = await readStanding(sql, rows, now);
  return standing;
}
