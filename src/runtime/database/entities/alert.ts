import { defineEntity, p } from '@mikro-orm/core';
import { amount, day, instant, sum, tenantId, tenantRows } from './columns.ts';

/** A process of the version before does not know these columns, and closes levels without them. */
const forgetOpening = {
  name: 'forget_opening',
  timing: 'before' as const,
  events: ['update' as const],
  body: 'if not new.is_open then new.is_heard := null; end if; return new;',
};

/**
 * The state of one level of one rule in one period; its key makes an alert unique. `notificationId`: the alert that its
 * last opening made. `isHeard`: whether the person heard of the present opening.
 */
export const AlertState = defineEntity({
  name: 'AlertState',
  tableName: 'alert_states',
  ...tenantRows,
  triggers: [forgetOpening],
  indexes: [
    {
      // end-cooldowns: deduplicated openings with a cooldown that has ended.
      name: 'alert_states_renotify',
      expression:
        'create index alert_states_renotify on alert_states (tenant_id, renotify_at) where renotify_at is not null',
    },
  ],
  properties: {
    tenantId,
    ruleId: p.uuid().primary().name('rule_id'),
    periodStart: day().primary().name('period_start'),
    periodEnd: day().primary().name('period_end'),
    level: p.integer().primary(),
    isOpen: p.boolean().name('is_open'),
    changedAt: instant().name('changed_at'),
    notifiedAt: instant().name('notified_at').nullable(),
    notificationId: p.uuid().name('notification_id').nullable(),
    isHeard: p.boolean().name('is_heard').nullable(),
    renotifyAt: instant().name('renotify_at').nullable(),
  },
});

/** A decision: why a person was or was not notified. Written once, in the transaction of its cause. */
export const AlertDecision = defineEntity({
  name: 'AlertDecision',
  tableName: 'alert_decisions',
  ...tenantRows,
  indexes: [
    {
      // read-day-decisions: a rule's decisions of a day.
      name: 'alert_decisions_time',
      expression: 'create index alert_decisions_time on alert_decisions (tenant_id, rule_id, at)',
    },
    {
      // find-unrecorded, count-unrated: the expenses without a rate that a rule has a decision for already.
      name: 'alert_decisions_no_rate',
      expression:
        "create index alert_decisions_no_rate on alert_decisions (tenant_id, rule_id, expense_id) where outcome = 'no_rate'",
    },
  ],
  properties: {
    tenantId,
    ruleId: p.uuid().primary().name('rule_id'),
    /** Decisions of one rule are written under its person's lock, so their numbers are in order. */
    number: p.string().columnType('bigint').primary().autoincrement().generated('identity'),
    at: instant(),
    level: p.integer().nullable(),
    /** `forecast`: of the level's own ladder. Null: of actual spending. */
    basis: p.text().nullable(),
    outcome: p.text(),
    periodStart: day().name('period_start'),
    spentMinor: sum().name('spent_minor'),
    budgetMinor: amount().name('budget_minor'),
    currency: p.text(),
    expenseId: p.text().name('expense_id').nullable(),
    notificationId: p.uuid().name('notification_id').nullable(),
    until: instant().nullable(),
  },
});
