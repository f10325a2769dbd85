/** What the demo ends with: what one of its people reads of their own spending, by the calls an app would make. */
import { setTimeout as delay } from 'node:timers/promises';
import { countStaleProfiles } from '../insight/profiles/count-stale-profiles.ts';
import type { DemoService } from './demo-service.ts';
import type { Replay } from './replay.ts';
import type { TokenOf } from './rules.ts';
import { ServiceClient } from './service-client.ts';

type Recommendation = {
  title: string;
  description: string;
  actionItems: string[];
  difficulty: string;
  confidence: number;
};
type Comparison = { insight: string; percentileRank: number | null };
type Dashboard = { pendingRecommendations: Recommendation[]; peerComparison: Comparison[] };
type Summary = {
  date: string;
  currency: string;
  total: string;
  transactionCount: number;
  categories: { categoryId: string; total: string }[];
  vsWeeklyAveragePct: number | null;
};

type Told = { service: DemoService; replay: Replay; tokenOf: TokenOf; signal: AbortSignal };
type Insight = { name: string; recommendation: Recommendation; comparison: Comparison; summary: Summary };

/** As many as there are in the generated demo; of a statement's thousands, not all are asked. */
const askedAtMost = 40;

/** Of whoever is recommended something most confidently. Empty where nobody has all three: a short statement tells too little. */
export async function readInsight(told: Told): Promise<string> {
  await profilesAreMade(told);
  const client = new ServiceClient(told.service.url);
  const userIds = [...new Set(told.replay.rules.map(({ userId }) => userId))].slice(0, askedAtMost);
  const found: Insight[] = [];
  for (const userId of userIds) {
    told.signal.throwIfAborted();
    found.push(...(await insightOf(told, client, userId)));
  }
  const [best] = found.sort((one, other) => confidenceOf(other) - confidenceOf(one));
  return best ? textOf(best) : '';
}

const confidenceOf = ({ recommendation }: Insight): number => recommendation.confidence;

async function insightOf(told: Told, client: ServiceClient, userId: string): Promise<Insight[]> {
  const token = await told.tokenOf(userId);
  // The shapes of the contract.
  const dashboard = (await client.read(token, '/dashboard')) as Dashboard;
  const [recommendation] = dashboard.pendingRecommendations.sort(
    (one, other) => other.confidence - one.confidence,
  );
  const comparison = dashboard.peerComparison.find(({ percentileRank }) => percentileRank !== null);
  if (!recommendation || !comparison) return [];
  const summary = (await client.read(token, `/daily-summary?date=${yesterday(told)}`)) as Summary;
  if (summary.transactionCount === 0) return [];
  const name = told.replay.people.find((person) => person.userId === userId)?.settings.name ?? userId;
  return [{ name, recommendation, comparison, summary }];
}

/** In the tenant's zone; its people's are a few hours apart at most. */
const yesterday = ({ service, replay }: Told): string =>
  service.clock
    .now()
    .toZonedDateTimeISO(replay.tenant.timezone)
    .toPlainDate()
    .subtract({ days: 1 })
    .toString();

function textOf({ name, recommendation, comparison, summary }: Insight): string {
  const { title, description, actionItems, difficulty, confidence } = recommendation;
  return [
    `What ${name} reads of their own spending:`,
    `  Recommendation  ${title} (${difficulty}, confidence ${confidence})`,
    ...[description, ...actionItems.map((item) => `- ${item}`)].map((line) => `                  ${line}`),
    `  Comparison      ${comparison.insight}`,
    `  ${summary.date}      ${summaryText(summary)}`,
  ].join('\n');
}

function summaryText({ total, currency, transactionCount, categories, vsWeeklyAveragePct }: Summary): string {
  const payments = `${transactionCount} ${transactionCount === 1 ? 'payment' : 'payments'}`;
  const most = categories[0] ? `, most of it on ${categories[0].categoryId}` : '';
  const usual =
    vsWeeklyAveragePct === null
      ? ''
      : `; ${Math.abs(vsWeeklyAveragePct)} % ${vsWeeklyAveragePct < 0 ? 'less' : 'more'} than on an average day of the week before`;
  return `${total} ${currency} in ${payments}${most}${usual}`;
}

const patienceMs = 60_000;

/** The workers make them beside everything else; each person's again a while after the last time at the earliest. */
async function profilesAreMade({ service, signal }: Told): Promise<void> {
  const { db } = service.services;
  const { tenantId } = service.tenant;
  const startedAt = performance.now();
  while ((await db.transaction([tenantId], (sql) => countStaleProfiles(sql, tenantId))) > 0) {
    signal.throwIfAborted();
    if (performance.now() - startedAt > patienceMs) return;
    await delay(100);
  }
}
