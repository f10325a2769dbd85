/** A person's interruption preferences in the API's format. */
import { type Static, Type } from 'typebox';
import type { PersonChanges } from '../../settings/put-preferences.ts';
import type { Preferences } from '../../notify/read-preferences.ts';
import { defaultDigest } from '../../notify/decide/digest.ts';
import { chosenChannels } from '../../notify/decide/preferences.ts';
import { defaultQuietHours } from '../../notify/decide/quiet-hours.ts';
import { type AnomalyType, chosenAnomalies } from '../../values/anomaly.ts';
import { perChannel } from '../../values/channels.ts';
import { parseSnooze, stillAhead } from '../../values/snooze.ts';
import { timeZoneName } from '../../values/time-zone.ts';
import { quietHoursChanges, quietHoursSchema, wallClock } from './quiet-hours.ts';
import { snooze } from './snooze.ts';
import { instant, nullable } from './text.ts';
import { locale, timezone, usualNames } from './user.ts';

const strict = { additionalProperties: false };

const channels = perChannel((channel) =>
  Type.Boolean({ description: `false: nothing by ${channel}, even if a rule names it` }),
);

/** The in-app channel always has everything, so it cannot be switched off. */
const inApp = Type.Refine(
  Type.Boolean({ description: 'always true, because the app always has everything' }),
  (value) => value,
  () => 'cannot be switched off: in the app everything is to be found, always',
);

const digest = {
  daily: Type.Boolean({ description: 'each day' }),
  weekly: Type.Boolean({ description: 'each Monday' }),
  at: wallClock('08:30'),
};

const criticalInterrupts = Type.Boolean({
  description: 'critical alerts are sent at once, despite quiet hours and the daily quota',
});

const maxNotificationsPerDay = nullable(
  Type.Integer({
    minimum: 1,
    maximum: 1000,
    description:
      'the most interruptions of a local day over all rules; the lower of it and a rule’s own number holds; null: the rules’ own',
  }),
);

const told = (what: string) => Type.Boolean({ description: `false: ${what} are listed, and not told` });

const anomalies = {
  unusual_amount: told('unusually large charges'),
  duplicate_charge: told('charges made twice'),
  price_increase: told('higher prices of recurring charges'),
  missed_charge: told('recurring charges that did not come'),
  new_recurring: told('new recurring charges'),
} satisfies Record<AnomalyType, unknown>;

const consent = Type.Boolean({ description: 'whether the person’s spending may count in benchmarks' });

export const preferenceChanges = Type.Partial(
  Type.Object({
    timezone: nullable(timezone),
    locale: nullable(locale),
    channels: Type.Partial(Type.Object({ ...channels, 'in-app': inApp }), strict),
    quietHours: nullable(quietHoursChanges),
    criticalInterrupts,
    digest: nullable(Type.Partial(Type.Object(digest), strict)),
    benchmarkConsent: nullable(consent),
    snoozeUntil: nullable(snooze),
    maxNotificationsPerDay,
    anomalies: nullable(Type.Partial(Type.Object(anomalies), strict)),
  }),
  { ...strict, description: 'Any subset; null restores the default.' },
);

export const preferencesSchema = Type.Object({
  timezone: Type.String({ description: 'the person’s own, else the tenant’s', examples: ['Europe/Berlin'] }),
  movingDays: Type.Optional(
    Type.Literal(true, {
      description:
        'the days of many expenses are still to be recomputed; the time zone before holds until then',
    }),
  ),
  locale: Type.String({ description: 'how numbers and dates are written', examples: ['en'] }),
  channels: Type.Object(channels),
  quietHours: quietHoursSchema,
  criticalInterrupts,
  digest: Type.Object(digest),
  benchmarkConsent: consent,
  snoozeUntil: nullable(
    instant('until then other channels wait, for critical notifications too; null: not snoozed'),
  ),
  maxNotificationsPerDay,
  anomalies: Type.Object(anomalies),
});

/** The schema has validated each value. */
export function readPreferenceChanges(body: Static<typeof preferenceChanges>): PersonChanges {
  const { timezone, locale, benchmarkConsent, channels, quietHours, snoozeUntil, ...others } = body;
  const { 'in-app': _always, ...choices } = channels ?? {};
  return {
    facts: {
      ...usualNames({ timezone, locale }),
      ...(benchmarkConsent === undefined ? {} : { benchmarkConsent }),
    },
    preferences: {
      ...others,
      channels: choices,
      ...(quietHours === undefined ? {} : { quietHours: quietHours && inUsualZone(quietHours) }),
      ...(snoozeUntil === undefined
        ? {}
        : { snoozeUntil: snoozeUntil === null ? null : parseSnooze(snoozeUntil) }),
    },
  };
}

const inUsualZone = <Window extends { timezone?: string | null }>(window: Window): Window =>
  typeof window.timezone === 'string' ? { ...window, timezone: timeZoneName(window.timezone) } : window;

export const preferencesView = (
  preferences: Preferences,
  now: Temporal.Instant,
): Static<typeof preferencesSchema> => ({
  timezone: preferences.timezone,
  ...(preferences.movingDays ? { movingDays: true } : {}),
  locale: preferences.locale,
  channels: chosenChannels(preferences.channels),
  quietHours: preferences.quietHours ?? defaultQuietHours,
  criticalInterrupts: preferences.criticalInterrupts,
  digest: preferences.digest ?? defaultDigest,
  benchmarkConsent: preferences.benchmarkConsent,
  snoozeUntil: stillAhead(preferences.snoozeUntil, now)?.toString() ?? null,
  maxNotificationsPerDay: preferences.maxNotificationsPerDay,
  anomalies: chosenAnomalies(preferences.anomalies),
});
