/** Examples of the calls about people: their facts, preferences, data and links, and the calls for monitoring. */
import { at, type Examples, ids } from './example.ts';
import { rule } from './rules.ts';

const person = {
  id: 'u1',
  timezone: 'Europe/Berlin',
  locale: 'en-GB',
  email: 'ada@example.com',
  phone: null,
  name: 'Ada Example',
  benchmarkConsent: null,
  registeredAt: '2026-11-01T08:00:00Z',
  unconfirmed: { email: null, phone: null },
};

const preferences = {
  timezone: 'Europe/Berlin',
  locale: 'en-GB',
  channels: { email: true, sms: true, push: true },
  quietHours: { enabled: true, start: '20:00', end: '08:00', timezone: null },
  criticalInterrupts: true,
  digest: { daily: true, weekly: false, at: '08:30' },
  benchmarkConsent: true,
  snoozeUntil: null,
  maxNotificationsPerDay: null,
  anomalies: {
    unusual_amount: true,
    duplicate_charge: true,
    price_increase: true,
    missed_charge: true,
    new_recurring: true,
  },
};

const me = {
  name: 'Ada Example',
  email: 'ada@example.com',
  phone: null,
  locale: 'en-GB',
  unconfirmed: { email: null, phone: null },
};

const subscription = {
  id: ids.subscription,
  endpoint: 'https://fcm.googleapis.com/fcm/send/fzG4rP3kQhU',
  createdAt: at,
};

const exported = {
  exportedAt: at,
  tenant: { id: ids.tenant, name: 'Example Cards' },
  person,
  preferences: {
    timezone: 'Europe/Berlin',
    locale: 'en-GB',
    quietHours: null,
    digest: null,
    maxNotificationsPerDay: 5,
  },
  addresses: {
    email: 'ada@example.com',
    phone: null,
    bouncedEmail: null,
    bouncedPhone: null,
    unconfirmed: { email: null, phone: null },
    pushSubscriptions: [subscription],
  },
  categories: [{ id: 'groceries', name: 'Groceries' }],
  expenses: [
    {
      id: 'exp_9',
      categoryId: 'groceries',
      merchant: 'WHOLEFDS #1023',
      description: null,
      amount: '42.10',
      currency: 'USD',
      spentAt: '2026-11-10T11:58:12Z',
      day: '2026-11-10',
      source: 'cards',
      eventId: 'evt_01',
      eventTime: '2026-11-10T11:59:00Z',
    },
  ],
  events: [],
  rules: [rule],
  memberships: [],
  alerts: [],
  decisions: [],
  notifications: [],
  recurring: [],
  anomalies: [],
  forecasts: [],
  recommendations: [],
  profile: [],
  dailySummaries: [],
  benchmarkMonths: [],
  sessions: [],
};

const deleted = { deleted: { expenses: 12, smart_alert_rules: 2, users: 1, events: 13 } };

const page = '<!doctype html>\n<html lang="en">…</html>\n';

const unsubscribeLink = {
  parameters: { token: 'AaItVBSGfo-_GTEw_tNktwF1MQ.tcXOU13MRoGT0N-XuqzVc4oXGxGG8EcOj1Qgk2b5w7U' },
};
const confirmationLink = { parameters: { token: 'AaItVBSGfo-_GTEw_tNkt8Jb1uVh0ZQx2nq3mD8cWmE' } };

export const peopleExamples = {
  getUser: { parameters: { userId: 'u1' }, answers: { 200: person } },
  updateUser: {
    parameters: { userId: 'u1' },
    body: { timezone: 'Europe/Berlin', locale: 'en-GB', name: 'Ada Example', email: 'ada@example.com' },
    answers: { 200: person },
  },
  eraseUser: { parameters: { userId: 'u3' }, answers: { 200: deleted } },
  exportUser: { parameters: { userId: 'u1' }, answers: { 200: exported } },
  updateCategory: {
    parameters: { categoryId: 'groceries' },
    body: { name: 'Groceries', benchmarkKey: 'groceries' },
    answers: { 200: { id: 'groceries', name: 'Groceries', benchmarkKey: 'groceries' } },
  },
  createToken: {
    body: { userId: 'u1', ttlSeconds: 900 },
    answers: { 201: { token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…', expiresAt: '2026-11-10T12:15:00Z' } },
  },
  getPreferences: { answers: { 200: { data: preferences } } },
  updatePreferences: {
    body: {
      channels: { sms: false },
      quietHours: { start: '21:30', end: '07:30' },
      digest: { weekly: true },
      maxNotificationsPerDay: 5,
    },
    answers: {
      200: {
        data: {
          ...preferences,
          channels: { ...preferences.channels, sms: false },
          quietHours: { ...preferences.quietHours, start: '21:30', end: '07:30' },
          digest: { ...preferences.digest, weekly: true },
          maxNotificationsPerDay: 5,
        },
      },
    },
  },
  getPushKey: {
    answers: {
      200: {
        data: {
          publicKey:
            'BDQQGY5p4DOC8IRLjqQekzHwum6AL2Jrz53n_cgtfmSSshj23lMvxgn1klms-bPOcQal_CFvexGc8BoOUxjusfA',
        },
      },
    },
  },
  createPushSubscription: {
    body: {
      endpoint: subscription.endpoint,
      expirationTime: null,
      keys: {
        p256dh: 'BPDpdCQUwc6jMTD2pljGKY5AGsyGt7YtCrmNrU0QoMa0zs2RSZP1QKu6FdXYNEqADjUVPKKugz3puNgNN7FkmTQ',
        auth: 'c2VjcmV0LWtleS0xNi1ieQ',
      },
    },
    answers: { 201: { data: subscription } },
  },
  listPushSubscriptions: { answers: { 200: { data: [subscription] } } },
  deletePushSubscription: { parameters: { id: ids.subscription } },
  getMe: { answers: { 200: { data: me } } },
  updateMe: {
    body: { phone: '+4915112345678', locale: 'en-GB' },
    answers: { 200: { data: { ...me, unconfirmed: { email: null, phone: '+4915112345678' } } } },
  },
  eraseMe: { answers: { 200: deleted } },
  exportMe: { answers: { 200: exported } },
  showUnsubscribePage: { ...unsubscribeLink, answers: { 200: page } },
  stopMessages: { ...unsubscribeLink, answers: { 200: page } },
  showNotificationPage: {
    parameters: { token: 'AaItVBSGfo-_GTEw_tNktwGiLVQcWHuQTn9pK2sV0bXm' },
    answers: { 200: page },
  },
  showConfirmationPage: { ...confirmationLink, answers: { 200: page } },
  confirmAddress: { ...confirmationLink, answers: { 200: page } },
  checkLiveness: { answers: { 200: { status: 'ok' } } },
  checkReadiness: {
    answers: {
      200: { status: 'ok', checks: { database: { ok: true }, queue: { ok: true }, jobs: { ok: true } } },
    },
  },
  getMetrics: {
    answers: {
      200: '# HELP spendwatch_events_total Events received, by what became of them.\n# TYPE spendwatch_events_total counter\nspendwatch_events_total{result="accepted"} 1\n',
    },
  },
} satisfies Examples;
