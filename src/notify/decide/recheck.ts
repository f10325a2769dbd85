/** Decides whether what waited is still worth telling, and gives it the figures of now. Pure. */
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import { isReached } from '../../alerts/decide/rule.ts';
import { type Forecast, rangeOf } from '../../values/forecast.ts';
import { severities, type Severity } from '../../values/severity.ts';
import type { cancelReasons } from '../../values/statuses.ts';
import { anomaliesIn, type NotificationContent, withFacts } from './content.ts';

export type CancelReason = (typeof cancelReasons)[number];

/** A level of the alert's rule that is open in its period now. */
type OpenLevel = {
  level: number;
  severity: Severity;
  /** It is the opening that the alert tells of, not a later one of the same level. */
  isOwn: boolean;
  /** The person heard of the opening, or is going to. */
  isTold: boolean;
};

/** What an alert is about, as it stands now. */
export type Subject = {
  isRuleActive: boolean;
  /** The alert was read by itself, before it was told with others. */
  isRead: boolean;
  openLevels: readonly OpenLevel[];
  /** Of a forecast level that is open. Null for other alerts, and where the level is closed. */
  forecast: Forecast | null;
  /** Null if the spending is not measured any more. */
  figures: Pick<AlertFacts, 'ruleName' | 'spentMinor' | 'budgetMinor' | 'carriedMinor' | 'currency'> | null;
};

/**
 * A notification that waited. `subjects`: one for each alert of its content, in their order. `openAnomalies`: the ids of those
 * that still hold, without a verdict, of a type that the person wants, and unread; absent: none.
 */
export type Waited = { isRead: boolean; subjects: readonly Subject[]; openAnomalies?: readonly string[] };

/** `reason`: the reason to cancel it. `content`: the part of it that still holds. */
export type Rechecked = { reason: CancelReason } | { reason: null; content: NotificationContent };

/** A digest with figures holds whatever has become of its alerts. */
export function recheck(content: NotificationContent, waited: Waited): Rechecked {
  if (waited.isRead) return { reason: 'already_read' };
  if (content.type === 'address_bounced') return { reason: null, content };
  if (content.type === 'anomaly')
    return isOpenIn(waited)(content) ? { reason: null, content } : { reason: 'no_longer_holds' };
  if ('alerts' in content) return recheckParts(content, waited);
  const [subject] = waited.subjects;
  const reason = recheckAlert(content, subject);
  return reason ? { reason } : { reason: null, content: renewed(content, subject) };
}

const isOpenIn =
  ({ openAnomalies = [] }: Waited) =>
  ({ anomalyId }: { anomalyId: string }): boolean =>
    openAnomalies.includes(anomalyId);

/** Without any part that holds, the reason is that of the first. */
function recheckParts(content: Extract<NotificationContent, { alerts: unknown }>, waited: Waited): Rechecked {
  const { subjects } = waited;
  const reasons: (CancelReason | null)[] = content.alerts.map((alert, index) =>
    recheckAlert(alert, subjects[index]),
  );
  const alerts = content.alerts.flatMap((alert, index) =>
    reasons[index] === null ? [renewed(alert, subjects[index])] : [],
  );
  const contained = anomaliesIn(content);
  const anomalies = contained.filter(isOpenIn(waited));
  const holds = alerts.length > 0 || anomalies.length > 0 || 'figures' in content;
  const [reason] = [...reasons, ...contained.map((): CancelReason => 'no_longer_holds')];
  return reason && !holds ? { reason } : { reason: null, content: withFacts(content, { alerts, anomalies }) };
}

/** The alert with the figures of now. */
function renewed<Alert extends AlertFacts>(alert: Alert, subject: Subject | undefined): Alert {
  const told = { ...alert, ...subject?.figures };
  if (!subject?.forecast) return told;
  const spentMinor = BigInt(told.spentMinor);
  return { ...told, forecast: rangeOf(subject.forecast, spentMinor) };
}

function recheckAlert({ type, level, severity }: AlertFacts, subject: Subject | undefined) {
  if (!subject?.isRuleActive) return 'rule_disabled';
  if (subject.isRead) return 'already_read';
  const { openLevels } = subject;
  if (type === 'forecast') return recheckForecast(level, subject);
  if (type === 'recovery') return openLevels.some((open) => open.level === level) ? 'reached_again' : null;
  if (!openLevels.some((open) => open.level === level && open.isOwn)) return 'no_longer_reached';
  return openLevels.some((open) => open.isTold && outranks(open, { level, severity })) ? 'overtaken' : null;
}

/** Once actual spending has reached the level, its own alert speaks. */
function recheckForecast(level: number, { forecast, figures }: Subject) {
  if (figures && isReached(level, BigInt(figures.spentMinor), BigInt(figures.budgetMinor)))
    return 'overtaken';
  return forecast ? null : 'no_longer_reached';
}

type Ranked = { level: number; severity: Severity };

/** The more severe, then the higher. */
const outranks = (one: Ranked, other: Ranked): boolean => {
  const difference = severities.indexOf(one.severity) - severities.indexOf(other.severity);
  return difference > 0 || (difference === 0 && one.level > other.level);
};
