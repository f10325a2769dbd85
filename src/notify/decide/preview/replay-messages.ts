/** Decides, in a replay of the past, what becomes of alerts: sent, kept in the app, deferred, capped or in one message. */
import type { AlertFacts } from '../../../alerts/decide/alert-facts.ts';
import { budgetPeriodKind, localDay } from '../../../values/period.ts';
import { type Forecast, rangeOf } from '../../../values/forecast.ts';
import { severities, type Severity } from '../../../values/severity.ts';
import type { ReplayedPeriod } from '../../../alerts/decide/replay-levels.ts';
import type { Rule } from '../../../alerts/decide/rule.ts';
import { channelsOf } from '../content.ts';
import { decideOpened, type GroupDecision } from '../group.ts';
import {
  type DayUsage,
  decideRelease,
  nothingUsed,
  type PendingNotification,
  type Recipient,
  type ReleaseDecision,
  renew,
  type RuleSettings,
  withinCeilings,
} from '../policy.ts';
import type { Subject, Waited } from '../recheck.ts';

/** An alert, forecast or recovery of one level. `forecast`: of a forecast alone. */
export type ReplayedAlert = {
  id: number;
  type: AlertFacts['type'];
  at: ReplayedPeriod;
  level: number;
  severity: Severity;
  silenced: 'muted' | 'on_pace' | null;
  forecast: Forecast | null;
};

/** What the policy made of an alert. Null: what the decision says. */
export type PolicyOutcome = 'deferred' | 'capped' | 'grouped' | null;

/** `silent`: in the app for good, and nobody has heard of it. */
type Status = 'waiting' | 'told' | 'silent' | 'overtaken' | 'dropped';
/** Of alerts that the person has heard of, or will, or does not need to. */
const spoken: ReadonlySet<Status> = new Set(['waiting', 'told', 'overtaken']);

type Waiting = {
  alert: ReplayedAlert;
  item: PendingNotification;
  until: Temporal.Instant;
  isCapped: boolean;
};

type AnyVerdict = (GroupDecision | ReleaseDecision)['verdict'];

/** The side of the levels. */
type Levels = {
  onHeard(alert: ReplayedAlert, now: Temporal.Instant): void;
  /** The forecast of now, for a forecast level that is open; else null. */
  forecastOf(alert: ReplayedAlert): Forecast | null;
};

/** The messages of one person about one rule. Each is sent, heard and counted at the instant at which it is decided. */
export class ReplayedMessages {
  readonly #person: Recipient;
  readonly #levels: Levels;
  readonly #statuses = new Map<number, Status>();
  readonly #outcomes = new Map<number, PolicyOutcome>();
  #waiting: Waiting[] = [];
  #usage: { day: string; used: DayUsage } = { day: '', used: nothingUsed };
  /** Messages that interrupted. A digest, which brings what was capped, is none. */
  interruptions = 0;

  constructor(person: Recipient, levels: Levels) {
    this.#person = person;
    this.#levels = levels;
  }

  outcomeOf = (alertId: number): PolicyOutcome => this.#outcomes.get(alertId) ?? null;

  /** True if a notification told of the alert, in the app alone too, or is going to. */
  hasNotification = (alertId: number): boolean =>
    ['waiting', 'told', 'silent'].includes(this.#statuses.get(alertId) ?? '');

  /** The earliest end of a wait. */
  next(): Temporal.Instant | null {
    return this.#waiting.map(({ until }) => until).toSorted(Temporal.Instant.compare)[0] ?? null;
  }

  /** Decides the alerts of one instant together. */
  open(alerts: readonly ReplayedAlert[], now: Temporal.Instant): void {
    if (alerts.length === 0) return;
    const byId = new Map(alerts.map((alert) => [String(alert.id), alert]));
    const items = alerts.toSorted(bySeverity).map((alert) => this.#itemOf(alert));
    const used = this.#usedOn(now);
    const decisions = decideOpened(items, withinCeilings(this.#person, used), used.interruptions, now, null);
    for (const decision of decisions) this.#apply(decision, byId, now, true);
  }

  /** Decides again about the alerts whose wait is over. */
  release(now: Temporal.Instant): void {
    const isDue = ({ until }: Waiting): boolean => Temporal.Instant.compare(until, now) <= 0;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((each) => !isDue(each));
    for (const each of due.filter(({ isCapped }) => isCapped)) this.#endCap(each, now);
    const deferred = due.filter(({ isCapped }) => !isCapped);
    if (deferred.length === 0) return;
    const byId = new Map(deferred.map(({ alert }) => [String(alert.id), alert]));
    const waited = deferred.map(({ alert, item }) => ({ item, waited: this.#waitedOf(alert) }));
    const used = this.#usedOn(now);
    for (const decision of decideRelease(waited, withinCeilings(this.#person, used), used.interruptions, now))
      this.#apply(decision, byId, now, false);
  }

  /** A digest brings it, if it still holds. */
  #endCap({ alert, item }: Waiting, now: Temporal.Instant): void {
    const renewed = renew({ item, waited: this.#waitedOf(alert) });
    if ('reason' in renewed) this.#drop(alert, renewed.reason);
    else this.#tell(alert, now);
  }

  #apply(
    { items, verdict }: GroupDecision | ReleaseDecision,
    byId: ReadonlyMap<string, ReplayedAlert>,
    now: Temporal.Instant,
    isOpening: boolean,
  ): void {
    if (verdict.verdict === 'send') this.#count(items, verdict.countsAgainstQuota, now);
    for (const [index, item] of items.entries()) {
      const alert = byId.get(item.id);
      if (!alert) continue;
      if (isOpening && index > 0) this.#outcomes.set(alert.id, 'grouped');
      this.#end(alert, item, verdict, now);
    }
  }

  #end(alert: ReplayedAlert, item: PendingNotification, verdict: AnyVerdict, now: Temporal.Instant): void {
    switch (verdict.verdict) {
      case 'send':
        return this.#tell(alert, now);
      case 'in_app_only':
        // Without a channel the person hears of it in the app.
        if (verdict.reason === 'no_channel') return this.#tell(alert, now);
        this.#statuses.set(alert.id, 'silent');
        return;
      case 'defer':
      case 'cap':
        return this.#wait({ alert, item, until: verdict.until, isCapped: verdict.verdict === 'cap' });
      case 'cancel':
        return this.#drop(alert, verdict.reason);
      case 'merge':
      case 'wait':
        throw new Error(`a replay has no verdict ${verdict.verdict}`);
    }
  }

  #tell(alert: ReplayedAlert, now: Temporal.Instant): void {
    this.#statuses.set(alert.id, 'told');
    this.#levels.onHeard(alert, now);
  }

  #wait(waiting: Waiting): void {
    const { alert, isCapped } = waiting;
    this.#waiting.push(waiting);
    this.#statuses.set(alert.id, 'waiting');
    this.#outcomes.set(alert.id, isCapped ? 'capped' : 'deferred');
  }

  #drop({ id }: ReplayedAlert, reason: string): void {
    this.#statuses.set(id, reason === 'overtaken' ? 'overtaken' : 'dropped');
  }

  #usedOn(now: Temporal.Instant): DayUsage {
    const day = localDay(now, this.#person.timeZone);
    if (this.#usage.day !== day) this.#usage = { day, used: nothingUsed };
    return this.#usage.used;
  }

  #count(items: readonly PendingNotification[], countsAgainstQuota: boolean, now: Temporal.Instant): void {
    this.interruptions += 1;
    const { interruptions, sms } = this.#usedOn(now);
    const { skip } = withinCeilings(this.#person, { interruptions, sms });
    const usesSms = skip.sms === null && items.some(({ content }) => channelsOf(content).includes('sms'));
    this.#usage.used = {
      interruptions: interruptions + (countsAgainstQuota ? 1 : 0),
      sms: sms + (usesSms ? 1 : 0),
    };
  }

  #waitedOf(alert: ReplayedAlert): Waited {
    const { rule, spentMinor, states } = alert.at;
    const subject: Subject = {
      isRuleActive: true,
      isRead: false,
      openLevels: states
        .filter(({ isOpen }) => isOpen)
        .map(({ level, alertId, isHeard }) => ({
          level,
          severity: rule.thresholds.find(({ percent }) => percent === level)?.severity ?? 'info',
          isOwn: alertId === alert.id,
          isTold: isHeard || (alertId !== null && spoken.has(this.#statuses.get(alertId) ?? 'dropped')),
        })),
      forecast: alert.type === 'forecast' ? this.#levels.forecastOf(alert) : null,
      figures: { ruleName: rule.name, currency: rule.currency, ...amountsOf(rule.budgetMinor, spentMinor) },
    };
    return { isRead: false, subjects: [subject] };
  }

  #itemOf({ id, type, at, level, severity, silenced, forecast }: ReplayedAlert): PendingNotification {
    const { rule, period, spentMinor } = at;
    const { tenantId, userId } = this.#person;
    const content: AlertFacts = {
      type,
      ruleId: rule.id,
      ruleName: rule.name,
      periodKind: budgetPeriodKind(rule.period),
      period,
      phase: 'current',
      level,
      severity,
      ...amountsOf(rule.budgetMinor, spentMinor),
      currency: rule.currency,
      channels: rule.channels,
      ...(forecast && { forecast: rangeOf(forecast, spentMinor) }),
    };
    return {
      tenantId,
      id: String(id),
      userId,
      type,
      severity,
      title: '',
      message: '',
      content,
      silenced,
      isDigest: false,
      isRenewed: false,
      rule: settingsOf(rule),
    };
  }
}

const amountsOf = (budgetMinor: bigint, spentMinor: bigint) => ({
  budgetMinor: budgetMinor.toString(),
  spentMinor: spentMinor.toString(),
});

/** A snooze is of the present, so none holds in the past. */
const settingsOf = (rule: Rule): RuleSettings => ({
  isActive: true,
  isMuted: !rule.notificationsEnabled,
  snoozeUntil: null,
  quietHours: rule.quietHours,
  maxPerDay: rule.maxNotificationsPerDay,
  channels: rule.channels,
});

const bySeverity = (one: ReplayedAlert, other: ReplayedAlert): number =>
  severities.indexOf(other.severity) - severities.indexOf(one.severity);
