/** A person's budget rule: its scope, its thresholds, and how its alerts may interrupt. */
import type { Channel } from '../../values/channels.ts';
import type { BudgetPeriod } from '../../values/period.ts';
import type { QuietHours } from '../../values/preferences.ts';
import type { Threshold } from '../../values/severity.ts';
import type { Rollover } from './rollover.ts';

/** What a rule watches: one category, a group of categories, or all spending but for some of it. */
export type Scope = {
  categoryId: string | null;
  /** A group: its distinct ids, sorted. Null: no group. */
  categoryIds: readonly string[] | null;
  /** Categories that do not count. Empty unless the rule watches all spending. */
  excludeCategories: readonly string[];
  /** Names or ids of merchants whose expenses do not count. */
  excludeMerchants: readonly string[];
};

/** `budgetMinor` is in minor units of `currency`. */
export type Rule = Scope & {
  tenantId: string;
  id: string;
  userId: string;
  name: string;
  budgetMinor: bigint;
  currency: string;
  period: BudgetPeriod;
  rollover: Rollover;
  /** First day of the first period, into which nothing is carried. Null for rules from before there was rollover. */
  carriesFrom: string | null;
  /** Of actual spending. */
  thresholds: Threshold[];
  /** Of the spending that is forecast for the period's end. */
  forecastThresholds: readonly Threshold[];
  /** Levels below 100 % interrupt also while the budget will probably hold. */
  everyLevel: boolean;
  channels: Channel[];
  quietHours: QuietHours | null;
  maxNotificationsPerDay: number;
  cooldownMinutes: number;
  notificationsEnabled: boolean;
  notifyOnRecovery: boolean;
  isActive: boolean;
  /** Until then the rule's alerts are recorded and shown in the app alone. */
  snoozeUntil: Temporal.Instant | null;
};

export const ruleDefaults = {
  categoryId: null,
  categoryIds: null,
  excludeCategories: [],
  excludeMerchants: [],
  period: 'monthly',
  rollover: 'none',
  carriesFrom: null,
  thresholds: [
    { percent: 80, severity: 'info' },
    { percent: 95, severity: 'warning' },
    { percent: 100, severity: 'danger' },
    { percent: 150, severity: 'critical' },
  ],
  forecastThresholds: [{ percent: 100, severity: 'warning' }],
  everyLevel: false,
  channels: ['in-app', 'email'],
  quietHours: null,
  maxNotificationsPerDay: 3,
  cooldownMinutes: 60,
  notificationsEnabled: true,
  notifyOnRecovery: false,
  isActive: true,
  snoozeUntil: null,
} as const;

/**
 * The least spending that has reached a level: spending equal to the budget has reached 100 %. Where nothing is left of a
 * budget to begin with, the first spending reaches every level.
 */
export const reachedAt = (percent: number, budgetMinor: bigint): bigint =>
  budgetMinor === 0n ? 1n : (BigInt(percent) * budgetMinor + 99n) / 100n;

export const isReached = (percent: number, spentMinor: bigint, budgetMinor: bigint): boolean =>
  spentMinor >= reachedAt(percent, budgetMinor);
