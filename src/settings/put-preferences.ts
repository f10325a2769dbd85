/** Changes a person's interruption preferences and reschedules their waiting notifications, in one transaction. */
import { sql as statement } from 'kysely';
import {
  changePreferences,
  type PreferenceChanges,
  type StoredPreferences,
} from '../notify/decide/preferences.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { lockPerson } from '../accounts/people.ts';
import { changeUser, type UserChanges } from './put-user.ts';
import { type Preferences, readPreferences } from '../notify/read-preferences.ts';
import { rescheduleDigest } from '../notify/reschedule-digests.ts';
import { rescheduleWaiting } from '../notify/reschedule-waiting.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { PersonRef } from '../values/refs.ts';

/** Fields that are left out stay unchanged. */
export type PersonChanges = {
  facts: Pick<UserChanges, 'timezone' | 'locale' | 'benchmarkConsent'>;
  preferences: PreferenceChanges;
};

/** Returns the preferences that hold now, and the evaluation that a change of time zone caused. */
export async function putPreferences(
  db: Database,
  person: PersonRef,
  { facts, preferences: changes }: PersonChanges,
  now: Temporal.Instant,
): Promise<{ preferences: Preferences; evaluated: Evaluated }> {
  return db.transaction([person.tenantId], async (sql) => {
    const evaluated = await changeUser(sql, person, facts, now);
    const { timeZone } = await lockPerson(sql, person);
    const before = await readPreferences(sql, person);
    await writePreferences(
      sql,
      person,
      changePreferences(before, changes, { timeZone: before.timezone, now }),
    );
    await rescheduleWaiting(sql, person, timeZone, now);
    await rescheduleDigest(sql, person, timeZone, now);
    return { preferences: await readPreferences(sql, person), evaluated };
  });
}

/** Rides on the primary key. */
export async function writePreferences(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  {
    channels,
    quietHours,
    criticalInterrupts,
    digest,
    snoozeUntil,
    maxNotificationsPerDay,
    anomalies,
  }: StoredPreferences,
): Promise<void> {
  await statement`
    update users
    set channels = ${json(channels)}, quiet_hours = ${json(quietHours)},
      critical_interrupts = ${criticalInterrupts}, digest = ${json(digest)},
      snooze_until = ${snoozeUntil?.toString() ?? null}::timestamptz,
      max_notifications_per_day = ${maxNotificationsPerDay}::int, anomalies = ${json(anomalies)}
    where tenant_id = ${tenantId} and id = ${userId}`.execute(sql);
}

/** Null becomes SQL's null, not JSON's. */
const json = (value: object | null) => statement`${value && JSON.stringify(value)}::jsonb`;
