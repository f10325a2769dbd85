/** Reads a person's notification preferences, with the tenant's settings as the fallback. */
import { sql as statement } from 'kysely';
import { defaultLocale } from '../values/locale.ts';
import type { StoredPreferences } from './decide/preferences.ts';
import type { Sql } from '../runtime/database/database.ts';
import type { DigestPreferences, QuietHours } from '../values/preferences.ts';
import type { AnomalyChoices } from '../values/anomaly.ts';
import type { ChannelChoices } from '../values/channels.ts';
import type { PersonRef } from '../values/refs.ts';
import { chosenPersonTimeZone } from '../accounts/people.ts';

/** `timezone`: the one that was chosen. `movingDays`: expenses are still on the days of the one before, which holds until then. */
export type Preferences = StoredPreferences & {
  timezone: string;
  movingDays: boolean;
  locale: string;
  benchmarkConsent: boolean;
};

type Row = {
  timezone: string;
  is_moving: boolean;
  locale: string | null;
  benchmark_consent: boolean;
  channels: ChannelChoices | null;
  quiet_hours: QuietHours | null;
  critical_interrupts: boolean;
  digest: DigestPreferences | null;
  snooze_until: string | null;
  max_notifications_per_day: number | null;
  anomalies: AnomalyChoices | null;
};

/** Throws if the person is not registered; anyone with a token is. Rides on the primary keys. */
export async function readPreferences(sql: Sql, { tenantId, userId }: PersonRef): Promise<Preferences> {
  const { rows } = await statement<Row>`
    select ${chosenPersonTimeZone} as timezone, u.moving_since is not null as is_moving, u.locale,
      coalesce(u.benchmark_consent, t.benchmarks = 'opt-out') as benchmark_consent,
      u.channels, u.quiet_hours, u.critical_interrupts, u.digest, u.snooze_until, u.max_notifications_per_day, u.anomalies
    from users u join tenants t on t.id = u.tenant_id
    where u.tenant_id = ${tenantId} and u.id = ${userId}`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('no such person is registered');
  return toPreferences(row);
}

const toPreferences = (row: Row): Preferences => ({
  timezone: row.timezone,
  movingDays: row.is_moving,
  locale: row.locale ?? defaultLocale,
  benchmarkConsent: row.benchmark_consent,
  channels: row.channels,
  quietHours: row.quiet_hours,
  criticalInterrupts: row.critical_interrupts,
  digest: row.digest,
  snoozeUntil: row.snooze_until === null ? null : Temporal.Instant.from(row.snooze_until),
  maxNotificationsPerDay: row.max_notifications_per_day,
  anomalies: row.anomalies,
});
