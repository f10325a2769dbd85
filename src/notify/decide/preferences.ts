/** A person's notification preferences: the stored choices, changes of them, and defaults for the rest. */
import { defaultDigest } from './digest.ts';
import { defaultQuietHours } from './quiet-hours.ts';
import { type Snooze, snoozeInstant } from '../../values/snooze.ts';
import type { DigestPreferences, QuietHours } from '../../values/preferences.ts';
import { type AnomalyChoices, anomalyTypes } from '../../values/anomaly.ts';
import {
  type ChannelChoices,
  type InterruptingChannel,
  interruptingChannels,
  perChannel,
} from '../../values/channels.ts';

/** Null: the default holds. */
export type StoredPreferences = {
  channels: ChannelChoices | null;
  quietHours: QuietHours | null;
  criticalInterrupts: boolean;
  digest: DigestPreferences | null;
  snoozeUntil: Temporal.Instant | null;
  /** The most interruptions of a local day over all rules. Null: each rule's own number alone. */
  maxNotificationsPerDay: number | null;
  /** The types of anomalies that are off. */
  anomalies: AnomalyChoices | null;
};

/** A field that is left out stays as it is, also inside a nested object. Null goes back to the default. */
export type PreferenceChanges = {
  channels?: ChannelChoices;
  quietHours?: Partial<QuietHours> | null;
  criticalInterrupts?: boolean;
  digest?: Partial<DigestPreferences> | null;
  snoozeUntil?: Snooze | null;
  maxNotificationsPerDay?: number | null;
  anomalies?: AnomalyChoices | null;
};

/** `timeZone`: the person's, in which a day of `snoozeUntil` begins. */
export function changePreferences(
  stored: StoredPreferences,
  changes: PreferenceChanges,
  at: { timeZone: string; now: Temporal.Instant },
): StoredPreferences {
  const { channels, quietHours, criticalInterrupts, digest, snoozeUntil, maxNotificationsPerDay } = changes;
  const { anomalies } = changes;
  return {
    channels: channels ? optOuts({ ...stored.channels, ...channels }) : stored.channels,
    quietHours: merged(stored.quietHours, quietHours, defaultQuietHours),
    criticalInterrupts: criticalInterrupts ?? stored.criticalInterrupts,
    digest: merged(stored.digest, digest, defaultDigest),
    snoozeUntil:
      snoozeUntil === undefined ? stored.snoozeUntil : snoozeUntil && snoozeInstant(snoozeUntil, at),
    maxNotificationsPerDay:
      maxNotificationsPerDay === undefined ? stored.maxNotificationsPerDay : maxNotificationsPerDay,
    anomalies:
      anomalies === undefined
        ? stored.anomalies
        : anomaliesOff({ ...stored.anomalies, ...anomalies }, anomalies),
  };
}

/** Every interrupting channel, with whether the person leaves it on. */
export const chosenChannels = (choices: ChannelChoices | null): Record<InterruptingChannel, boolean> =>
  perChannel((channel) => choices?.[channel] ?? true);

/** Keeps only the channels that are off, so that no stored choice names a channel the person never named. */
function optOuts(choices: ChannelChoices): ChannelChoices | null {
  const off = interruptingChannels.filter((channel) => choices[channel] === false);
  return off.length > 0 ? Object.fromEntries(off.map((channel) => [channel, false])) : null;
}

/** Keeps only the types that are off. Null in a change goes back to all. */
function anomaliesOff(choices: AnomalyChoices, changes: AnomalyChoices | null): AnomalyChoices | null {
  const off = changes === null ? [] : anomalyTypes.filter((type) => choices[type] === false);
  return off.length > 0 ? Object.fromEntries(off.map((type) => [type, false])) : null;
}

function merged<T extends object>(
  stored: T | null,
  changes: Partial<T> | null | undefined,
  defaults: T,
): T | null {
  if (changes === undefined) return stored;
  return changes && { ...(stored ?? defaults), ...changes };
}
