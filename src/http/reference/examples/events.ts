/** Examples of the calls with which services post events and rates, and providers report deliveries. */
import { at, type Examples, ids } from './example.ts';

const expense = {
  expenseId: 'exp_9',
  userId: 'u1',
  categoryId: 'groceries',
  merchant: 'WHOLEFDS #1023',
  amount: '42.10',
  currency: 'USD',
  spentAt: '2026-11-10T11:58:12Z',
  kind: 'purchase',
  status: 'pending',
  merchantId: 'mrc_77',
  mcc: '5411',
};

const accepted = { accepted: 1, duplicates: 0, rejected: [] };

const rates = { date: '2026-11-10', base: 'USD', rates: { EUR: '0.92', GBP: '0.79' } };

export const eventExamples = {
  postEvents: {
    body: {
      id: 'evt_01',
      source: 'cards',
      type: 'expense.created',
      time: '2026-11-10T11:59:00Z',
      data: expense,
    },
    answers: { 202: accepted },
  },
  getEventStatus: {
    parameters: { source: 'cards', id: 'evt_01' },
    answers: { 200: { status: 'applied', appliedAt: at } },
  },
  postWebhookEvents: {
    parameters: {
      sourceId: ids.source,
      'webhook-id': 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
      'webhook-timestamp': '1794312000',
    },
    body: {
      id: 'evt_02',
      type: 'expense.created',
      time: at,
      data: { ...expense, expenseId: 'exp_10', amount: '45.10', status: 'posted', replaces: 'exp_9' },
    },
    answers: { 202: accepted },
  },
  setExchangeRates: {
    body: rates,
    answers: { 200: rates, 202: { jobId: ids.job } },
  },
  getJob: {
    parameters: { jobId: ids.job },
    answers: { 200: { state: 'running', done: 400, total: 1001 } },
  },
  receiveText: {
    body: { From: '+4915112345678', Body: 'STOP' },
    answers: { 200: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' },
  },
  reportDelivery: {
    parameters: { channel: 'email' },
    body: {
      delivery: `${ids.tenant}.01a22d54-1c58-7b90-8a11-51e2a2f0c1d7`,
      event: 'bounced',
      permanent: true,
      reason: 'mailbox unavailable',
    },
  },
} satisfies Examples;
