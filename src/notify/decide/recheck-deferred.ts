/** What a held notification has become when its time comes: still worth telling, or not, and why. */
import type { NotificationType } from '../../values/statuses.ts';

/** `level`: percent, of an alert or a recovery. `openLevels`: those of its rule in its period now. */
export type DeferredState = {
  type: NotificationType;
  level: number | null;
  isRead: boolean;
  openLevels: readonly number[];
};

/** `reached_again`: of a recovery. */
export type CancelReason = 'no_longer_reached' | 'already_read' | 'overtaken' | 'reached_again';

/** Why it is not to be told any more; null: it is. */
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
