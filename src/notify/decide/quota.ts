/** Says which notifications take part in the daily quota, and how many interruptions of a day each allows. Pure. */
import type { NotificationType } from '../../values/statuses.ts';

type Counted = { type: NotificationType; rule: { maxPerDay: number } | null };

/** The quota of an anomaly, which has no rule. A person's own quota holds if it is lower. */
const quotaWithoutRule = 3;

/** Recoveries and digests aside, every notification about a rule or a charge takes part. */
export const hasQuota = ({ type, rule }: Counted): boolean => rule !== null || type === 'anomaly';

/** The most interruptions of a day that its rule allows, or the usual number of an anomaly. */
export const ownQuota = ({ type, rule }: Counted): number =>
  rule?.maxPerDay ?? (type === 'anomaly' ? quotaWithoutRule : 0);

/** `interruptions`: null if the quota is not asked. Null for a recovery, which only the ceiling stops. */
export function maxOf(item: Counted, interruptions: number | null): number | null {
  if (item.type === 'recovery') return null;
  return interruptions === null ? Infinity : ownQuota(item);
}
