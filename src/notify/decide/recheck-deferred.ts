/** Decides whether a deferred notification is still worth sending when its time comes. */
import type { NotificationType } from '../../values/statuses.ts';

/** `level`: the percent of an alert or a recovery. `openLevels`: the levels of its rule open in its period now. */
export type DeferredState = {
  type: NotificationType;
  level: number | null;
  isRead: boolean;
  openLevels: readonly number[];
};

/** `reached_again` occurs for a recovery alone. */
export type CancelReason = 'no_longer_reached' | 'already_read' | 'overtaken' | 'reached_again';

/** The reason to cancel the notification; null: it still holds. */
export function recheckDeferred({ type, level, isRead, openLevels }: DeferredState): CancelReason | null {
  if (isRead) return 'already_read';
  if (level === null) return null;
  if (type === 'budget_alert') return recheckAlert(level, openLevels);
  return type === 'recovery' && openLevels.includes(level) ? 'reached_again' : null;
}

function recheckAlert(level: number, openLevels: readonly number[]): CancelReason | null {
  if (!openLevels.includes(level)) return 'no_longer_reached';
  return openLevels.some((other) => other > level) ? 'overtaken' : null;
}
