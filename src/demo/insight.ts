/** The demo's last output: one person's view of their own spending, read by the calls an app would make. */
import type { DemoService } from './demo-service.ts';
import { nameFinder, type Replay } from './replay.ts';
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

type InsightContext = { service: DemoService; replay: Replay; tokenOf: TokenOf; signal: AbortSignal };
type Insight = {
  name: string;
  recommendation: Recommendation | undefined;
  comparison: Comparison;
  summary: Summary;
};

/** The generated demo has fewer people. A statement may have thousands, and only some of them are read. */
const readAtMost = 40;

/**
 * Returns the insight of the person with the most confident recommendation, or of anybody without one. Empty if nobody has a
 * comparison and a summary, as with a short statement.
 */
export async function readInsight(context: InsightContext): Promise<string> {
  const client = new ServiceClient(context.service.url);
  const userIds = [...new Set(context.replay.rules.map(({ userId }) => userId))].slice(0, readAtMost);
  const found: Insight[] = [];
  for (const userId of userIds) {
    context.signal.throwIfAborted();
    found.push(...(await insightOf(context, client, userId)));
  }
  const [best] = found.sort((one, other) => confidenceOf(other) - confidenceOf(one));
  return best ? textOf(best) : '';
}

const confidenceOf = ({ recommendation }: Insight): number => recommendation?.confidence ?? 0;

async function insightOf(context: InsightContext, client: ServiceClient, userId: string): Promise<Insight[]> {
  const token = await context.tokenOf(userId);
  // The types are those of the API.
  const dashboard = (await client.read(token, '/dashboard')) as Dashboard;
  const [recommendation] = dashboard.pendingRecommendations;
  const comparison = dashboard.peerComparison.find(({ percentileRank }) => percentileRank !== null);
  if (!comparison) return [];
  const summary = (await client.read(token, `/daily-summary?date=${yesterday(context)}`)) as Summary;
  if (summary.transactionCount === 0) return [];
  return [{ name: nameFinder(context.replay)(userId), recommendation, comparison, summary }];
}

/** Yesterday in the tenant's time zone; its people's zones differ by a few hours at most. */
const yesterday = ({ service, replay }: InsightContext): string =>
  service.clock
    .now()
    .toZonedDateTimeISO(replay.tenant.timezone)
    .toPlainDate()
    .subtract({ days: 1 })
    .toString();

function textOf({ name, recommendation, comparison, summary }: Insight): string {
  return [
    `What ${name} reads of their own spending:`,
    ...(recommendation ? recommendationLines(recommendation) : []),
    `  Comparison      ${comparison.insight}`,
    `  ${summary.date}      ${summaryText(summary)}`,
  ].join('\n');
}

const recommendationLines = ({
  title,
  description,
  actionItems,
  difficulty,
  confidence,
}: Recommendation): string[] => [
  `  Recommendation  ${title} (${difficulty}, confidence ${confidence})`,
  ...[description, ...actionItems.map((item) => `- ${item}`)].map((line) => `                  ${line}`),
];

function summaryText({ total, currency, transactionCount, categories, vsWeeklyAveragePct }: Summary): string {
  const payments = `${transactionCount} ${transactionCount === 1 ? 'payment' : 'payments'}`;
  const most = categories[0] ? `, most of it on ${categories[0].categoryId}` : '';
  const usual =
    vsWeeklyAveragePct === null
      ? ''
      : `; ${Math.abs(vsWeeklyAveragePct)} % ${vsWeeklyAveragePct < 0 ? 'less' : 'more'} than on an average day of the week before`;
  return `${total} ${currency} in ${payments}${most}${usual}`;
}
