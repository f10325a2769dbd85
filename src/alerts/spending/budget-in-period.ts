/** The budget of a period in SQL. `decide/rollover.ts` says the same in the process. */
import { type RawBuilder, sql as statement } from 'kysely';

/** An expression, in minor units. `rule`: the alias of a rule; `left`: the period's `left_before`, which may be null. */
export const budgetInPeriod = (rule: RawBuilder<unknown>, left: RawBuilder<unknown>) => statement`(
  case ${rule}.rollover
    when 'unspent' then ${rule}.budget_minor + greatest(coalesce(${left}, 0), 0)
    when 'both' then greatest(${rule}.budget_minor + coalesce(${left}, 0), 0)
    else ${rule}.budget_minor
  end
)`;
