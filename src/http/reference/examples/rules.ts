/** Examples of the calls about a person's rules and notifications. */
import { at, type Examples, ids } from './example.ts';

const defaults = {
  quietHours: null,
  maxNotificationsPerDay: 3,
  cooldownMinutes: 60,
  notificationsEnabled: true,
  notifyOnRecovery: false,
  everyLevel: false,
  isActive: true,
  snoozeUntil: null,
};

const plainScope = { categoryIds: null, excludeCategories: [], excludeMerchants: [] };

const november = { periodStart: '2026-11-01', periodEnd: '2026-12-01' };

export const rule = {
  id: ids.rule,
  name: 'Groceries',
  categoryId: 'groceries',
  ...plainScope,
  budgetAmount: '400.00',
  currency: 'USD',
  period: 'monthly',
  rollover: 'none',
  thresholds: [
    { percent: 80, severity: 'info', basis: 'actual' },
    { percent: 95, severity: 'warning', basis: 'actual' },
    { percent: 100, severity: 'danger', basis: 'actual' },
    { percent: 150, severity: 'critical', basis: 'actual' },
    { percent: 100, severity: 'warning', basis: 'forecast' },
  ],
  channels: ['in-app', 'email'],
  ...defaults,
  carried: '0.00',
  budget: '400.00',
  spent: '412.30',
  unrated: { count: 0 },
  ...november,
  createdAt: '2026-11-01T09:00:00Z',
  updatedAt: '2026-11-01T09:00:00Z',
};

/** From payday to payday, which is the last weekday of a month. */
const draft = {
  name: 'Going out',
  categoryIds: ['cinema', 'dining'],
  excludeMerchants: ['ACME Canteen'],
  budgetAmount: '250.00',
  period: { rrule: 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', start: '2026-10-30' },
  rollover: 'unspent',
  thresholds: [
    { percent: 80, severity: 'info', basis: 'actual' },
    { percent: 100, severity: 'danger', basis: 'actual' },
    { percent: 100, severity: 'warning', basis: 'forecast' },
  ],
};

const made = {
  id: ids.otherRule,
  categoryId: null,
  excludeCategories: [],
  ...draft,
  currency: 'USD',
  channels: ['in-app', 'email'],
  ...defaults,
  carried: '0.00',
  budget: '250.00',
  spent: '0.00',
  unrated: { count: 0 },
  periodStart: '2026-10-30',
  periodEnd: '2026-11-30',
  createdAt: at,
  updatedAt: at,
};

const decided = {
  at,
  spent: '412.30',
  budget: '400.00',
  currency: 'USD',
  periodStart: november.periodStart,
  expenseId: 'exp_9',
};

export const notification = {
  id: ids.notification,
  type: 'budget_alert',
  severity: 'danger',
  title: 'Groceries: 103 % of the monthly budget',
  message: 'Groceries: 412.30 of 400.00 USD, 20 days to go.',
  status: 'sent',
  silent: false,
  why: 'On 10 November 2026 at 13:00 spending reached 100% of this budget.',
  createdAt: at,
  deliveries: [
    { channel: 'in-app', status: 'sent', attempts: 1, sentAt: at },
    { channel: 'email', status: 'sent', attempts: 1, sentAt: at },
  ],
  ruleId: ids.rule,
  level: 100,
  sentAt: at,
};

const about = { ruleId: ids.rule, level: 100 };

/** One expense and what came of it. */
const ledger = {
  date: '2026-11-10',
  timezone: 'Europe/Berlin',
  entries: [
    {
      at: '2026-11-10T11:58:12Z',
      kind: 'expense',
      why: 'An expense of US$42.10 at WHOLEFDS #1023 was made on 10 November 2026 at 12:58.',
      expenseId: 'exp_9',
      amount: '42.10',
      currency: 'USD',
    },
    {
      at,
      kind: 'level',
      why: 'Groceries reached 100% of its budget of US$400.00, with US$412.30 spent.',
      ...about,
      basis: 'actual',
      expenseId: 'exp_9',
    },
    {
      at,
      kind: 'decision',
      why: 'A message was made of it.',
      ...about,
      basis: 'actual',
      expenseId: 'exp_9',
      outcome: 'notified',
      notificationId: ids.notification,
    },
    {
      at,
      kind: 'notification',
      why: notification.why,
      ...about,
      outcome: 'sent',
      notificationId: ids.notification,
    },
    {
      at,
      kind: 'delivery',
      why: `${notification.title}. Email: sent on 10 November 2026 at 13:00.`,
      ...about,
      outcome: 'sent',
      notificationId: ids.notification,
      channel: 'email',
    },
  ],
};

export const ruleExamples = {
  createRule: { body: draft, answers: { 201: { data: made } } },
  previewRule: {
    body: { rule: { ...draft, period: 'monthly' }, days: 60 },
    answers: {
      200: {
        data: {
          currency: 'USD',
          alerts: [
            {
              at: '2026-10-24T18:20:00Z',
              level: 80,
              basis: 'actual',
              outcome: 'notified',
              spent: '204.00',
              budget: '250.00',
            },
            {
              at: '2026-10-30T21:05:00Z',
              level: 100,
              basis: 'actual',
              outcome: 'deferred',
              spent: '251.50',
              budget: '250.00',
            },
          ],
          interruptions: { total: 2, perWeek: 0.23 },
          periods: [
            { start: '2026-10-01', end: '2026-11-01', spent: '251.50', pct: 100 },
            { start: '2026-11-01', end: '2026-12-01', spent: '60.00', pct: 24 },
          ],
        },
      },
    },
  },
  listRules: { parameters: { categoryId: 'groceries' }, answers: { 200: { data: [rule] } } },
  getRule: { parameters: { ruleId: ids.rule }, answers: { 200: { data: rule } } },
  updateRule: {
    parameters: { ruleId: ids.rule },
    body: { budgetAmount: '450.00', snoozeUntil: null },
    answers: { 200: { data: { ...rule, budgetAmount: '450.00', budget: '450.00', updatedAt: at } } },
  },
  disableRule: { parameters: { ruleId: ids.rule } },
  listDecisions: {
    parameters: { ruleId: ids.rule },
    answers: {
      200: {
        data: [
          {
            ...decided,
            level: 100,
            basis: 'actual',
            outcome: 'notified',
            why: 'Groceries reached 100% of its budget of US$400.00, with US$412.30 spent. A message was made of it.',
            notificationId: ids.notification,
          },
          {
            ...decided,
            level: 95,
            basis: 'actual',
            outcome: 'superseded',
            why: 'Groceries reached 95% of its budget of US$400.00, with US$412.30 spent. It was not told by itself, because another level speaks for it or it fell again at once.',
          },
        ],
      },
    },
  },
  listNotifications: {
    parameters: { type: 'budget_alert', days: 7 },
    answers: { 200: { data: [notification] } },
  },
  getNotification: {
    parameters: { notificationId: ids.notification },
    answers: { 200: { data: notification } },
  },
  countUnread: { answers: { 200: { data: { count: 3 } } } },
  markAllRead: { answers: { 200: { data: { count: 3 } } } },
  markNotificationRead: {
    parameters: { notificationId: ids.notification },
    answers: { 200: { data: { ...notification, readAt: '2026-11-10T12:05:00Z' } } },
  },
  explainDay: { parameters: { date: '2026-11-10' }, answers: { 200: { data: ledger } } },
  streamNotifications: {
    answers: {
      200: {
        event: 'spending',
        data: { ruleId: ids.rule, spent: '412.30', budget: '400.00', currency: 'USD', pct: 103, ...november },
      },
    },
  },
} satisfies Examples;
