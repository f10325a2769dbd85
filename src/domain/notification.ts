/** What a person is told: its kinds, its ends, and what its words are made of. */
import type { Period, PeriodKind } from './period.ts';
import type { Channel, Severity } from './rule.ts';
import type { SummaryFigures } from './summary.ts';

export const notificationTypes = [
  'budget_alert',
  'recovery',
  'roll_up',
  'daily_summary',
  'weekly_summary',
  'recommendation',
  'address_bounced',
] as const;
export type NotificationType = (typeof notificationTypes)[number];

export const notificationStatuses = [
  'pending',
  'deferred',
  'capped',
  'sent',
  'failed',
  'merged',
  'cancelled',
] as const;
export type NotificationStatus = (typeof notificationStatuses)[number];

export const deliveryStatuses = [
  'pending',
  'sending',
  'sent',
  'delivered',
  'failed',
  'bounced',
  'unknown',
  'skipped',
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/**
 * A rendered message, as a channel sends it. `title`: a mail's subject. `html`: a mail's, beside `text`.
 * `unsubscribeUrl`: ends this channel for the person.
 */
export type Message = { title: string; text: string; html?: string; unsubscribeUrl?: string };

/** What one alert or recovery says. Days are `YYYY-MM-DD`; amounts are minor units, in decimal. Kept as JSON. */
export type AlertFacts = {
  type: 'budget_alert' | 'recovery';
  ruleId: string;
  ruleName: string;
  periodKind: PeriodKind;
  period: Period;
  /** `past`: over, and told of a late expense; the words then name it. */
  phase: 'current' | 'past';
  level: number;
  severity: Severity;
  spentMinor: string;
  budgetMinor: string;
  currency: string;
  /** Those of its rule. */
  channels: Channel[];
};

/** What a notification's words are made of. Kept as JSON. */
export type Told =
  | AlertFacts
  /** Alerts told together: what woke from quiet hours, or was capped. */
  | { type: 'roll_up'; alerts: AlertFacts[] }
  /**
   * `day`: the local day it is about or, of a weekly one, the first of its seven. `alerts`: what the daily cap
   * held back. Without `figures` where nothing was spent, and in what was made before there were any.
   */
  | {
      type: 'daily_summary' | 'weekly_summary';
      day: string;
      alerts: AlertFacts[];
      figures?: SummaryFigures;
    }
  /** `address` is masked. */
  | { type: 'address_bounced'; channel: 'email' | 'sms'; address: string };

/** Whom the words are for. `locale`: a BCP 47 tag; `today`: their local day. */
export type Reader = { locale: string; today: string };

/** Where a message may lead to. `page`: the person's own; null where the service does not know its address. */
export type Links = { page: string | null; unsubscribe: string | null };
