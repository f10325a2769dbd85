/** Examples of the calls that show what is learnt from past expenses. */
import { at, type Examples, ids } from './example.ts';
import { notification, rule } from './rules.ts';

const merchants = [
  { name: 'Alpha', spent: '500.00', count: 1, sharePct: 50 },
  { name: 'Beta', spent: '300.00', count: 1, sharePct: 30 },
  { name: 'Gamma', spent: '200.00', count: 1, sharePct: 20 },
];

const recommendation = {
  id: ids.recommendation,
  type: 'merchant_consolidation',
  categoryId: 'dining',
  title: 'dining: about 8.10 USD a month to save',
  description:
    '500.00 of 1,000.00 USD went to 2 merchants other than Alpha from 13 August 2026 to 10 November 2026. Where one place has it all, buying there usually saves 3 to 5 %: here about 8.10 USD a month.',
  estimatedMonthlySavings: '8.10',
  currency: 'USD',
  savingsPct: 2.4,
  confidence: 0.45,
  difficulty: 'easy',
  actionItems: [
    'See whether Alpha has what you get at Beta, 300.00 USD in 90 days.',
    'See whether Alpha has what you get at Gamma, 200.00 USD in 90 days.',
    'Ask at Alpha for a loyalty card or a better price: 500.00 USD in 90 days is worth one.',
  ],
  evidence: {
    type: 'merchant_consolidation',
    from: '2026-08-13',
    to: '2026-11-10',
    merchants,
    target: 'Alpha',
    spentElsewhere: '500.00',
    ratePct: 4.86,
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
        data: { ...recommendation, status: 'accepted', baselineMonthlySpending: '845.49', decidedAt: at },
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
