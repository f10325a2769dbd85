/** Decides what a person may do with an unsubscribe link: end what the message is, get less, end it all, or undo. Pure. */
import type { ChannelChoices, InterruptingChannel } from '../../values/channels.ts';
import type { MessageStop, StopChoice } from '../../values/message-stop.ts';
import type { DigestPreferences } from '../../values/preferences.ts';
import type { StopScope, StopSubject, UnsubscribeGrant } from './unsubscribe.ts';

/** A rule that a message is about. `isOn`: it uses the channel of the link. */
export type StoppableRule = { id: string; isOn: boolean; maxPerDay: number };

/** `rules`: those of the link that are still there. */
export type StopFacts = {
  channels: ChannelChoices | null;
  digest: DigestPreferences;
  rules: readonly StoppableRule[];
  stops: readonly MessageStop[];
};

/**
 * What the page of a link shows. `state`: how far it is used. `subject`: `channel` where what the message was about is
 * gone. `mayUndo`: the last step is not older than 30 days.
 */
export type StopState = {
  channel: InterruptingChannel;
  subject: StopSubject;
  state: 'on' | 'fewer' | 'stopped' | 'all';
  mayUndo: boolean;
};

const undoneWithin = { hours: 30 * 24 } as const;
const keptAtMost = 20;

const linkName = ({ channel, scope }: Pick<UnsubscribeGrant, 'channel' | 'scope'>): string =>
  `${channel} ${scope.subject} ${idOf(scope)}`.trim();

function idOf(scope: StopScope): string {
  if ('ruleId' in scope) return scope.ruleId;
  return 'notificationId' in scope ? scope.notificationId : '';
}

type Link = Pick<UnsubscribeGrant, 'channel' | 'scope'>;

export function stopState(link: Link, facts: StopFacts, now: Temporal.Instant): StopState {
  const { channel } = link;
  const subject = subjectOf(link, facts);
  return {
    channel,
    subject,
    state: reachedState(link, subject, facts),
    mayUndo: lastStop(link, facts.stops, now) !== undefined,
  };
}

const subjectOf = ({ scope: { subject } }: Link, { rules }: StopFacts): StopSubject =>
  (subject === 'rule' || subject === 'rules') && rules.length === 0 ? 'channel' : subject;

function reachedState(link: Link, subject: StopSubject, facts: StopFacts): StopState['state'] {
  if (facts.channels?.[link.channel] === false) return 'all';
  if (subject === 'channel') return 'on';
  if (subject === 'daily_summary' && !facts.digest.daily) return facts.digest.weekly ? 'fewer' : 'stopped';
  if (subject === 'weekly_summary' && !facts.digest.weekly) return 'stopped';
  if (!isAboutRules(subject)) return 'on';
  if (facts.rules.every(({ isOn }) => !isOn)) return 'stopped';
  return facts.rules.every(({ maxPerDay }) => maxPerDay === 1) ? 'fewer' : 'on';
}

const isAboutRules = (subject: StopSubject): boolean => subject === 'rule' || subject === 'rules';

/** The last step that this link took, if it may be undone. */
const lastStop = (
  link: Link,
  stops: readonly MessageStop[],
  now: Temporal.Instant,
): MessageStop | undefined => stops.findLast((stop) => stop.link === linkName(link) && isRecent(stop, now));

const isRecent = ({ at }: MessageStop, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(now, Temporal.Instant.from(at).add(undoneWithin)) < 0;

/** What changes, and the stops as they are kept from now on. A rule is named with its new channel setting or quota. */
export type StopChanges = {
  channels?: ChannelChoices;
  digest?: Partial<DigestPreferences>;
  rules: { id: string; isOn?: boolean; maxPerDay?: number }[];
  stops: MessageStop[];
};

/** Null if the choice changes nothing. */
export function decideStop(
  link: Link,
  choice: StopChoice,
  facts: StopFacts,
  now: Temporal.Instant,
): StopChanges | null {
  const subject = choice === 'all' ? 'channel' : subjectOf(link, facts);
  const changes = changesOf(link, subject, choice, facts);
  if (!changes) return null;
  const stop: MessageStop = {
    link: linkName(link),
    choice: subject === 'channel' ? 'all' : choice,
    at: now.toString(),
    rules: changes.rules.map(({ id, maxPerDay }) =>
      maxPerDay === undefined ? { id } : { id, maxPerDay: quotaOf(facts, id) },
    ),
    weekly: facts.digest.weekly,
  };
  const kept = facts.stops.filter((each) => isRecent(each, now)).slice(1 - keptAtMost);
  return { ...changes, stops: [...kept, stop] };
}

const quotaOf = ({ rules }: StopFacts, ruleId: string): number =>
  rules.find(({ id }) => id === ruleId)?.maxPerDay ?? 1;

function changesOf(
  { channel }: Link,
  subject: StopSubject,
  choice: StopChoice,
  { channels, digest, rules }: StopFacts,
): Omit<StopChanges, 'stops'> | null {
  switch (subject) {
    case 'channel':
      return channels?.[channel] === false ? null : { channels: { [channel]: false }, rules: [] };
    case 'daily_summary':
      return digest.daily ? { digest: withoutDaily(choice), rules: [] } : null;
    case 'weekly_summary':
      return digest.weekly ? { digest: { weekly: false }, rules: [] } : null;
    case 'rule':
    case 'rules': {
      const changed = changedRules(choice, rules);
      return changed.length > 0 ? { rules: changed } : null;
    }
  }
}

const withoutDaily = (choice: StopChoice): Partial<DigestPreferences> =>
  choice === 'fewer' ? { daily: false, weekly: true } : { daily: false };

const changedRules = (choice: StopChoice, rules: readonly StoppableRule[]): StopChanges['rules'] =>
  choice === 'fewer'
    ? rules.filter(({ maxPerDay }) => maxPerDay > 1).map(({ id }) => ({ id, maxPerDay: 1 }))
    : rules.filter(({ isOn }) => isOn).map(({ id }) => ({ id, isOn: false }));

/** Null if there is nothing to undo any more. What the person has set since stays. */
export function undoStop(link: Link, facts: StopFacts, now: Temporal.Instant): StopChanges | null {
  const stop = lastStop(link, facts.stops, now);
  if (!stop) return null;
  const stops = facts.stops.filter((each) => each !== stop);
  if (stop.choice === 'all') return { channels: { [link.channel]: true }, rules: [], stops };
  const { subject } = link.scope;
  if (subject === 'weekly_summary') return { digest: { weekly: true }, rules: [], stops };
  if (subject === 'daily_summary') {
    const weekly = stop.choice === 'fewer' ? { weekly: stop.weekly ?? false } : {};
    return { digest: { daily: true, ...weekly }, rules: [], stops };
  }
  const rules = stop.rules.map(({ id, maxPerDay }) =>
    maxPerDay === undefined ? { id, isOn: true } : { id, maxPerDay },
  );
  return { rules: rules.filter((rule) => isAsStopped(rule, facts)), stops };
}

const isAsStopped = ({ id, isOn, maxPerDay }: StopChanges['rules'][number], { rules }: StopFacts): boolean =>
  rules.some(
    (rule) => rule.id === id && (isOn ? !rule.isOn : maxPerDay !== undefined && rule.maxPerDay === 1),
  );
