/** Makes the digests that are due, each with the person's spending and their capped notifications. */
import { type DueDigest, dueDigests } from './decide/digest.ts';
import type { NotificationContent } from './decide/content.ts';
import { readUntold } from '../insight/recommendations/tell-recommendation.ts';
import {
  type AdviceFigures,
  type AheadFigures,
  type LateFigures,
  type Span,
  spanBefore,
  type SummaryFigures,
} from '../insight/decide/summary.ts';
import { type Recipient, type PendingNotification } from './decide/policy.ts';
import type { Sql } from '../runtime/database/database.ts';
import { digestLag, readLate } from '../insight/summaries/read-late.ts';
import { readAhead } from '../insight/summaries/read-ahead.ts';
import { findSpentSpans } from '../insight/summaries/find-spent-spans.ts';
import type { CappedNotification } from './sql/lock-capped.ts';
import { factsOf, makeNotification } from './make-notification.ts';
import { readSummaries } from '../insight/summaries/read-summaries.ts';
import type { NewSummary } from '../insight/summaries/write-summaries.ts';
import type { AlertFacts } from '../alerts/decide/alert-facts.ts';
import { highestSeverity } from '../values/severity.ts';

/**
 * A person whose digest may be due. `dueAt`: the time it is due since; null if not computed yet or digests are off.
 */
type Waiting = {
  recipient: Recipient;
  dueAt: Temporal.Instant | null;
  capped: readonly CappedNotification[];
};

/** `summary`: null if the digest contains no spending. */
export type Digest = {
  item: PendingNotification;
  digestDay: string;
  capped: readonly CappedNotification[];
  recipient: Recipient;
  summary: NewSummary | null;
};

type Due = {
  recipient: Recipient;
  digest: DueDigest;
  capped: readonly CappedNotification[];
  span: Span | null;
  /** The first of the person's digests that are due together. */
  isFirst: boolean;
};

/** The caller writes the digests. A person who is not due after all, or has nothing to report, gets none. */
export async function makeDigests(
  sql: Sql,
  waiting: readonly Waiting[],
  now: Temporal.Instant,
): Promise<Digest[]> {
  const due = waiting.flatMap((each) => dueOf(each, now));
  const figures = await readFigures(sql, due, now);
  return due.flatMap((each) => digestOf(each, figures.get(each), now) ?? []);
}

async function readFigures(
  sql: Sql,
  due: readonly Due[],
  now: Temporal.Instant,
): Promise<Map<Due, SummaryFigures>> {
  const asked = due.flatMap((each) => (each.span ? [{ ...each.recipient, span: each.span, due: each }] : []));
  const isSpent = await findSpentSpans(sql, asked);
  const late = await readLateBefore(sql, asked, now);
  const told = asked.filter(({ due: each }, index) => isSpent[index] || late.has(each));
  const figures = await readSummaries(sql, told, now);
  const ahead = await readAhead(
    sql,
    told.map(({ tenantId, userId, due: { digest } }) => ({ tenantId, userId, day: digest.day })),
  );
  const advice = await readUntold(sql, told, now);
  return new Map(
    told.flatMap(({ due: each }, index) =>
      entryOf(each, figures[index], {
        late: late.get(each),
        ahead: aheadIn(each, ahead[index]),
        advice: (each.isFirst && advice[index]) || undefined,
      }),
    ),
  );
}

/** Of a person's digests that are due together the first has it all, and the others only what to put aside. */
function aheadIn({ isFirst }: Due, ahead: AheadFigures | null | undefined): AheadFigures | undefined {
  if (!ahead) return undefined;
  return isFirst ? ahead : { ...ahead, due: [], budgets: [] };
}

/** Late expenses are named once: in the first of a person's digests. */
async function readLateBefore(
  sql: Sql,
  asked: readonly (Recipient & { span: Span; due: Due })[],
  now: Temporal.Instant,
): Promise<Map<Due, LateFigures>> {
  const first = asked.filter(({ due }) => due.isFirst);
  const until = now.subtract(digestLag);
  const late = await readLate(
    sql,
    first.map(({ tenantId, userId, span }) => ({ tenantId, userId, before: span.start, since: null, until })),
  );
  return new Map(
    first.flatMap(({ due }, index): [Due, LateFigures][] => {
      const figures = late[index];
      return figures ? [[due, figures]] : [];
    }),
  );
}

type Extra = {
  late: LateFigures | undefined;
  ahead: AheadFigures | undefined;
  advice: AdviceFigures | undefined;
};

const entryOf = (
  due: Due,
  read: SummaryFigures | undefined,
  { late, ahead, advice }: Extra,
): [Due, SummaryFigures][] =>
  read ? [[due, { ...read, ...(late && { late }), ...(ahead && { ahead }), ...(advice && { advice }) }]] : [];

/** The first digest contains the capped notifications. */
function dueOf({ recipient, dueAt, capped }: Waiting, now: Temporal.Instant): Due[] {
  const [since] = [...(dueAt ? [dueAt] : []), ...capped.map(({ until }) => until)].sort(
    Temporal.Instant.compare,
  );
  if (!since) return [];
  const { digest, timeZone, lastDigestDay: lastDay } = recipient;
  return dueDigests(digest, timeZone, { since, now, lastDay }).map((each, index) => ({
    recipient,
    digest: each,
    capped: index === 0 ? capped : [],
    span: each.type === 'roll_up' ? null : spanBefore(each.type, each.day),
    isFirst: index === 0,
  }));
}

function digestOf(
  { recipient, digest, capped, span }: Due,
  read: SummaryFigures | undefined,
  now: Temporal.Instant,
): Digest | null {
  const figures = read && (read.transactionCount > 0 || read.late) ? read : null;
  if (!figures && capped.length === 0) return null;
  const items = capped.map(({ item }) => item);
  const content = digestContent(digest, span, factsOf(items), figures);
  return {
    item: { ...makeNotification(content, highestSeverity(items), recipient, now), isDigest: true },
    digestDay: digest.day,
    capped,
    recipient,
    summary: figures && span && { tenantId: recipient.tenantId, userId: recipient.userId, span, figures },
  };
}

function digestContent(
  { type }: DueDigest,
  span: Span | null,
  facts: ReturnType<typeof factsOf>,
  figures: SummaryFigures | null,
): Exclude<NotificationContent, AlertFacts> {
  if (type === 'roll_up' || !span) return { type: 'roll_up', ...facts };
  return { type, day: span.start, ...facts, ...(figures ? { figures } : {}) };
}
