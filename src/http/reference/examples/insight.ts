/** Examples of the calls that show what is learnt from past expenses. */
import { at, type Examples, ids } from './example.ts';
import { notification, rule } from './rules.ts';

const merchants = [
  { name: 'Alpha', spent: '540.00', count: 27 },
  { name: 'Beta', spent: '300.00', count: 15 },
  { name: 'Gamma', spent: '240.00', count: 12 },
];

const monthFrom = (month: string, total: string, count: number) => ({ month, total, count });

const recommendation = {
  id: ids.recommendation,
  type: 'spending_trend',
  categoryId: 'dining',
  title: 'dining: 440.00 USD a month, 200.00 USD before',
  description:
    '440.00 USD a month from August 2026 to October 2026, 200.00 USD a month from May 2026 to July 2026, without recurring charges. Part of such a rise usually fades by itself. About 108.00 USD a month of it will probably stay unless you spend less.',
  estimatedMonthlySavings: '108.00',
  currency: 'USD',
  savingsPct: 24.5,
  confidence: 0.8,
  difficulty: 'hard',
  actionItems: [
    'Look at August 2026 first: 440.00 USD in 22 purchases.',
    'Begin where most goes: Alpha, 540.00 USD in 90 days.',
    'If it is there to stay, give it a budget: 440.00 USD a month.',
    'If it is not, aim for 200.00 USD a month, as from May 2026 to July 2026.',
  ],
  evidence: {
    type: 'spending_trend',
    from: '2026-08-13',
    to: '2026-11-10',
    merchants,
    earlier: ['2026-05', '2026-06', '2026-07'].map((month) => monthFrom(month, '200.00', 10)),
    earlierAverage: '200.00',
    recent: ['2026-08', '2026-09', '2026-10'].map((month) => monthFrom(month, '440.00', 22)),
    recentAverage: '440.00',
    trendPct: 120,
    z: 3.67,
  },
  status: 'suggested',
  createdAt: '2026-11-10T09:00:00Z',
  expiresAt: '2026-12-25T09:00:00Z',
};

const chosen = { parameters: { recommendationId: ids.recommendation } };

const benchmark = {
  period: '2026-10',
  currency: 'USD',
  cohortSize: 21,
  mean: '214.00',
  standardDeviation: '106.00',
  p10: '120.00',
  p25: '150.00',
  median: '200.00',
  p75: '250.00',
  p90: '280.00',
  monthOverMonthPct: 3.4,
  yearOverYearPct: null,
  trend: 'steady',
  updatedAt: '2026-11-10T02:15:00Z',
};

const comparison = {
  period: '2026-10',
  currency: 'USD',
  userSpending: '600.00',
  percentileRank: 97.62,
  isOutlier: true,
  vsMeanPct: 180.4,
  vsMedianPct: 200,
  insight:
    'Groceries: 600.00 USD in October 2026, 180 % above the average of 21 people (214.00 USD); most of them spent less.',
  benchmark,
};

const pct = 103;
const budget = '400.00';
const unrated = { count: 0 };
const { id: ruleId, name, categoryId, spent, currency } = rule;

const summary = {
  date: '2026-11-10',
  currency: 'USD',
  total: '42.10',
  transactionCount: 1,
  unrated,
  categories: [{ categoryId, total: '42.10', count: 1 }],
  topTransactions: [{ expenseId: 'exp_9', merchant: 'WHOLEFDS #1023', categoryId, amount: '42.10' }],
  alertsTriggered: 1,
  budgets: [{ ruleId, name, spent, budget, currency, pct, unrated }],
  vsYesterdayPct: null,
  vsWeeklyAveragePct: 64.9,
  vsMonthlyAveragePct: 56.6,
};

const activeAlert = {
  ruleId,
  name,
  categoryId,
  level: 100,
  basis: 'actual',
  severity: 'danger',
  since: at,
  spent,
  currency,
};

const streamflix = {
  id: ids.recurring,
  merchant: 'Streamflix',
  categoryId: 'entertainment',
  amount: '11.99',
  currency: 'USD',
  cadence: 'monthly',
  nextDate: '2026-11-28',
  lastDate: '2026-10-28',
  lastAmount: '11.99',
  changePct: 20,
  priceSince: '2026-09-28',
  missedDate: null,
  status: 'active',
  occurrences: 14,
};

const outlook = {
  expected: { p10: '431.00', p50: '468.50', p90: '529.00' },
  probabilityOver: 1,
  onPace: false,
};

const forecast = {
  periodStart: '2026-11-01',
  periodEnd: '2026-12-01',
  budget: '400.00',
  spent: '412.30',
  currency: 'USD',
  ...outlook,
  daysLeft: 21,
  upcoming: [{ merchant: 'Streamflix', amount: '11.99', date: '2026-11-18', recurringId: ids.recurring }],
  basedOn: { months: 12, transactions: 143 },
};

const dearer = {
  id: ids.anomaly,
  type: 'price_increase',
  expenseId: 'exp-2187',
  merchant: 'Streamflix',
  categoryId: 'entertainment',
  amount: '11.99',
  expected: '9.99',
  currency: 'USD',
  title: 'Streamflix now costs $11.99 instead of $9.99',
  reason:
    'Streamflix charged $11.99 on September 28, 2026, so far once, and $9.99 before. At that price it costs $24.00 more a year.',
  date: '2026-09-28',
  late: false,
  open: true,
  verdict: null,
  notificationId: ids.notification,
  at,
};

export const insightExamples = {
  getForecast: { parameters: { ruleId: ids.rule }, answers: { 200: { data: forecast } } },
  listAnomalies: { parameters: { days: 30 }, answers: { 200: { data: [dearer] } } },
  judgeAnomaly: {
    parameters: { anomalyId: ids.anomaly },
    body: { verdict: 'expected' },
    answers: { 200: { data: { ...dearer, verdict: 'expected' } } },
  },
  listRecurring: { answers: { 200: { data: [streamflix] } } },
  decideRecurring: {
    parameters: { recurringId: ids.recurring },
    body: { status: 'confirmed' },
    answers: { 200: { data: { ...streamflix, status: 'confirmed' } } },
  },
  listRecommendations: {
    parameters: { status: 'suggested' },
    answers: { 200: { data: [recommendation] } },
  },
  acceptRecommendation: {
    ...chosen,
    answers: {
      200: {
        data: { ...recommendation, status: 'accepted', baselineMonthlySpending: '308.00', decidedAt: at },
      },
    },
  },
  dismissRecommendation: {
    ...chosen,
    body: { reason: 'I like going there' },
    answers: {
      200: {
        data: {
          ...recommendation,
          status: 'dismissed',
          dismissReason: 'I like going there',
          decidedAt: at,
        },
      },
    },
  },
  getProfile: {
    answers: {
      200: {
        data: {
          currency: 'USD',
          categories: [
            {
              categoryId,
              name: 'Groceries',
              months: 3,
              monthlyAverage: '536.20',
              averageTransaction: '44.70',
              frequency: 12,
              trendPct: null,
              volatility: null,
              topMerchants: [{ name: 'WHOLEFDS #1023', spent: '712.30', count: 16 }],
              percentileRank: 97.62,
              isOutlier: true,
            },
          ],
        },
      },
    },
  },
  getBenchmark: {
    parameters: { categoryId: 'groceries', period: '2026-10' },
    answers: { 200: { data: benchmark } },
  },
  compareSpending: {
    parameters: { categoryId: 'groceries', period: '2026-10' },
    answers: { 200: { data: comparison } },
  },
  getDailySummary: { parameters: { date: '2026-11-10' }, answers: { 200: { data: summary } } },
  getDashboard: {
    answers: {
      200: {
        data: {
          rules: [{ ...rule, budget, pct, forecast: outlook }],
          activeAlerts: [{ ...activeAlert, budget, pct }],
          pendingRecommendations: [recommendation],
          recentNotifications: [notification],
          dailySummary: summary,
          peerComparison: [{ benchmarkKey: 'groceries', ...comparison }],
        },
      },
    },
  },
} satisfies Examples;
