/** Stores the summaries that people received for a day or a week. */
import { sql as statement } from 'kysely';
import type { Span, SummaryFigures } from '../decide/summary.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

export type NewSummary = PersonRef & { span: Span; figures: SummaryFigures };

/** The first version stays. Rides on the primary key. */
export async function writeSummaries(
  sql: Sql,
  summaries: readonly NewSummary[],
  now: Temporal.Instant,
): Promise<void> {
  if (summaries.length === 0) return;
  const column = columnOf(summaries);
  await statement`
    insert into daily_spending_summary (tenant_id, user_id, span, date, currency, total_minor,
      transaction_count, facts, created_at)
    select *, ${now.toString()}::timestamptz
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[],
      ${column(({ span }) => span.kind)}::text[],
      ${column(({ span }) => span.start)}::date[],
      ${column(({ figures }) => figures.currency)}::text[],
      ${column(({ figures }) => figures.totalMinor)}::numeric[],
      ${column(({ figures }) => figures.transactionCount)}::int[],
      ${column(({ figures }) => JSON.stringify(figures))}::jsonb[]
    )
    on conflict do nothing`.execute(sql);
}
