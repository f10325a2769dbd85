/** Makes the plans of notifications that are decided together: several that go out become parts of one roll-up. */
import { highestSeverity } from '../values/severity.ts';
import type { GroupDecision } from './decide/group.ts';
import type { PendingNotification, Recipient, ReleaseDecision } from './decide/policy.ts';
import { factsOf, makeNotification, mergedInto } from './make-notification.ts';
import type { PlannedNotification } from './sql/write-plans.ts';

/**
 * `reasonOf`: why it waited. The caller inserts the roll-ups. One whose parts did not wait for hours, but for each other, is
 * for the channels that interrupt alone.
 */
export function plansOf(
  { items, verdict }: ReleaseDecision | GroupDecision,
  recipient: Recipient,
  reasonOf: (item: PendingNotification) => string,
  now: Temporal.Instant,
): PlannedNotification[] {
  const [item, ...others] = items;
  if (verdict.verdict === 'merge')
    return [{ item, recipient, verdict: { ...verdict, reason: reasonOf(item) } }];
  if (others.length === 0) return [{ item, recipient, verdict }];
  const content = { type: 'roll_up' as const, ...factsOf(items) };
  const rollUp = makeNotification(content, highestSeverity(items), recipient, now);
  const merged = items.flatMap((each) => mergedInto(rollUp, [each], recipient, reasonOf(each)));
  const isGroup = items.every((each) => reasonOf(each) === 'grouped');
  return [{ item: rollUp, recipient, verdict, isGroup }, ...merged];
}
