/** Checks a benchmark's result with plain queries, which share nothing with the service but its tables. */
import type { Client } from 'pg';

/** Events that are stored. A load ends with requests under way, which it does not count. */
export async function countEvents(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>('select count(*)::int as count from events');
  return rows[0]?.count ?? NaN;
}

/**
 * Throws unless all stored events are applied, each once, at least `accepted` of them, and every sum is that of its
 * expenses. `inserted`: expenses that were there without events.
 */
export async function assertSums(client: Client, accepted: number, inserted = 0): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(`
    select (select count(*) from events where error is null) as events,
      (select count(*) from expenses) as expenses,
      (select count(*) from (
        select tenant_id, user_id, day, category_id, currency, amount_minor, expense_count::bigint from daily_spend
        except
        select tenant_id, user_id, day, category_id, currency, sum(amount_minor), count(*) from expenses
        group by 1, 2, 3, 4, 5
      ) wrong) as wrong_days,
      (select count(*) from rule_spend k join smart_alert_rules r on r.id = k.rule_id
        where k.spent_minor <> coalesce((
          select sum(e.amount_minor) from expenses e
          where e.tenant_id = r.tenant_id and e.user_id = r.user_id
            and (e.category_id = r.category_id or r.category_id is null
              and (r.category_ids is null or e.category_id = any(r.category_ids))
              and (r.exclude_categories is null or e.category_id <> all(r.exclude_categories)))
            and e.day >= k.period_start and e.day < k.period_end
        ), 0)) as wrong_rules`);
  const [found = {}] = rows;
  const isRight = found['wrong_days'] === '0' && found['wrong_rules'] === '0';
  if (
    !isRight ||
    Number(found['events']) + inserted !== Number(found['expenses']) ||
    Number(found['events']) < accepted
  )
    throw new Error(`of ${accepted} accepted events this was stored: ${JSON.stringify(found)}`);
}
