/** Carries out what a person chose on the page of an unsubscribe link, in one transaction. Their settings show it. */
import { sql as statement } from 'kysely';
import { lockPerson } from '../accounts/people.ts';
import { decideStop, type StopChanges, undoStop } from '../notify/decide/message-stop.ts';
import { changePreferences } from '../notify/decide/preferences.ts';
import type { UnsubscribeGrant } from '../notify/decide/unsubscribe.ts';
import { readPreferences } from '../notify/read-preferences.ts';
import { rescheduleDigest } from '../notify/reschedule-digests.ts';
import { rescheduleWaiting } from '../notify/reschedule-waiting.ts';
import { type LinkFacts, readStopFacts } from '../notify/sql/read-stop-facts.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import type { InterruptingChannel } from '../values/channels.ts';
import type { StopChoice } from '../values/message-stop.ts';
import { writePreferences } from './put-preferences.ts';

/** Null: the link is nobody's. Doing it twice is doing it once. Returns what holds now. */
export const stopMessages = (
  db: Database,
  grant: UnsubscribeGrant,
  choice: StopChoice | 'undo',
  now: Temporal.Instant,
): Promise<LinkFacts | null> =>
  db.transaction([grant.tenantId], async (sql) => {
    if (!(await readStopFacts(sql, grant))) return null;
    const { timeZone } = await lockPerson(sql, grant);
    // Read anew: another request may have changed it before the lock.
    const facts = await readStopFacts(sql, grant);
    const changes =
      facts && (choice === 'undo' ? undoStop(grant, facts, now) : decideStop(grant, choice, facts, now));
    if (!changes) return facts;
    await writeChanges(sql, grant, changes, now);
    await rescheduleWaiting(sql, grant, timeZone, now);
    await rescheduleDigest(sql, grant, timeZone, now);
    return readStopFacts(sql, grant);
  });

async function writeChanges(
  sql: Sql,
  grant: UnsubscribeGrant,
  { channels, digest, rules, stops }: StopChanges,
  now: Temporal.Instant,
): Promise<void> {
  const before = await readPreferences(sql, grant);
  const changes = { ...(channels && { channels }), ...(digest && { digest }) };
  await writePreferences(sql, grant, changePreferences(before, changes, { timeZone: before.timezone, now }));
  await writeStops(sql, grant, stops);
  await changeRules(sql, grant, rules, now);
}

/** Rides on the primary key. */
async function writeStops(
  sql: Sql,
  { tenantId, userId }: UnsubscribeGrant,
  stops: StopChanges['stops'],
): Promise<void> {
  await statement`
    update users set message_stops = ${JSON.stringify(stops)}::jsonb
    where tenant_id = ${tenantId} and id = ${userId}`.execute(sql);
}

/** The app is a channel of every rule, also of one that named nothing else. Rides on the primary key. */
async function changeRules(
  sql: Sql,
  { tenantId, userId, channel }: UnsubscribeGrant,
  rules: StopChanges['rules'],
  now: Temporal.Instant,
): Promise<void> {
  if (rules.length === 0) return;
  await statement`
    update smart_alert_rules r
    set channels = case given.is_on
        when true then r.channels || ${json(channel)}
        when false then coalesce(nullif(r.channels - ${channel}::text, '[]'), '["in-app"]')
        else r.channels
      end,
      max_notifications_per_day = coalesce(given.max_per_day, r.max_notifications_per_day),
      updated_at = ${now.toString()}
    from unnest(
      ${rules.map(({ id }) => id)}::uuid[],
      ${rules.map(({ isOn }) => isOn ?? null)}::boolean[],
      ${rules.map(({ maxPerDay }) => maxPerDay ?? null)}::int[]
    ) as given (id, is_on, max_per_day)
    where r.tenant_id = ${tenantId} and r.user_id = ${userId} and r.id = given.id`.execute(sql);
}

const json = (channel: InterruptingChannel) => statement`${JSON.stringify(channel)}::jsonb`;
