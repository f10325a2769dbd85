/**
 * Decides the alerts of a person that one evaluation opened: as one message at once, or as one with those that open
 * within the group wait. Pure.
 */
import { highestSeverity } from '../../values/severity.ts';
import { groupedTypes } from '../../values/statuses.ts';
import { ownQuota } from './quota.ts';
import { slotsFor } from './interruption.ts';
import {
  cappedUntil,
  decideNotification,
  decideTogether,
  type PendingNotification,
  type Recipient,
  type Together,
  type Verdict,
} from './policy.ts';

/** `wait`: for others, in the app meanwhile. It ends at `until`, and then the policy is asked again. */
export type GroupVerdict = Verdict | { verdict: 'wait'; reason: 'grouped'; until: Temporal.Instant };

/** Those that go out as one share a verdict; with any other verdict each stands alone. */
export type GroupDecision = Together<GroupVerdict>;

/** Whether it is of a type that is grouped and does not pass the quota. Only such notifications wait for others. */
export const mayWait = (item: PendingNotification, recipient: Recipient): boolean =>
  groupedTypes.includes(item.type) && !isUrgent(item, recipient);

const isUrgent = ({ severity }: PendingNotification, { criticalInterrupts }: Recipient): boolean =>
  severity === 'critical' && criticalInterrupts;

/**
 * `interruptions`: those of the recipient's local day so far. `waitsUntil`: when the wait ends that an alert begins or
 * joins now. Null: without a wait. Notifications that are no alerts, and alerts that the policy keeps in the app or
 * defers, stand alone. The quota of those that wait is not asked before the end of their wait.
 */
export function decideOpened(
  items: readonly PendingNotification[],
  recipient: Recipient,
  interruptions: number,
  now: Temporal.Instant,
  waitsUntil: Temporal.Instant | null,
): GroupDecision[] {
  const decisions = items.map((item) => ({
    item,
    verdict: decideNotification(item, recipient, interruptions, now),
  }));
  const joins = ({ item, verdict }: (typeof decisions)[number]): boolean =>
    groupedTypes.includes(item.type) && (verdict.verdict === 'send' || verdict.reason === 'daily_cap');
  const alone = decisions
    .filter((each) => !joins(each))
    .map(({ item, verdict }): GroupDecision => ({ items: [item], verdict }));
  const joining = decisions.filter(joins).map(({ item }) => item);
  const [urgent, ...othersUrgent] = joining.filter((item) => isUrgent(item, recipient));
  const rest = joining.filter((item) => !isUrgent(item, recipient));
  if (urgent)
    return [...alone, ...withUrgent([urgent, ...othersUrgent], rest, recipient, interruptions, now)];
  if (waitsUntil)
    return [
      ...alone,
      ...rest.map((item): GroupDecision => ({
        items: [item],
        verdict: { verdict: 'wait', reason: 'grouped', until: waitsUntil },
      })),
    ];
  const [first, ...others] = rest;
  return first ? [...alone, ...decideTogether([first, ...others], recipient, interruptions, now)] : alone;
}

/** Critical alerts take the rest along, unless the quota would have withheld it. */
function withUrgent(
  urgent: GroupDecision['items'],
  rest: readonly PendingNotification[],
  recipient: Recipient,
  interruptions: number,
  now: Temporal.Instant,
): GroupDecision[] {
  const isWithheld = rest.length > 0 && interruptions >= slotsOf(rest, recipient);
  const until = cappedUntil(recipient, now);
  return [
    {
      items: isWithheld ? urgent : [...urgent, ...rest],
      verdict: { verdict: 'send', reason: null, until: null, countsAgainstQuota: true },
    },
    ...(isWithheld ? rest : []).map((item): GroupDecision => ({
      items: [item],
      verdict: { verdict: 'cap', reason: 'daily_cap', until },
    })),
  ];
}

/** Against the largest number among their rules, with the severity of the most severe. */
const slotsOf = (alerts: readonly PendingNotification[], { maxPerDay }: Recipient): number =>
  slotsFor(highestSeverity(alerts), Math.max(...alerts.map(ownQuota)), maxPerDay);
