/** The rank of a delivery: of the work that waits, the lowest rank is done first. */
import type { Channel } from './channels.ts';
import type { Severity } from './severity.ts';
import { groupedTypes, type NotificationType } from './statuses.ts';

/** Alerts go before all else, first in the app; digests and the rest come last. */
export const ranks = {
  alertInApp: 1,
  critical: 2,
  alert: 3,
  recoveryInApp: 4,
  recovery: 5,
  otherInApp: 6,
  other: 7,
} as const;

export function rankOf(type: NotificationType, severity: Severity, channel: Channel): number {
  const isInApp = channel === 'in-app';
  if (type === 'recovery') return isInApp ? ranks.recoveryInApp : ranks.recovery;
  if (!groupedTypes.includes(type)) return isInApp ? ranks.otherInApp : ranks.other;
  if (isInApp) return ranks.alertInApp;
  return severity === 'critical' ? ranks.critical : ranks.alert;
}
