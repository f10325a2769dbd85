/** The budget of a period in SQL. `decide/rollover.ts` says the same in the process. */
import { type RawBuilder, sql as statement } from 'kysely';
import { mostCarriedMinor } from '../decide/rollover.ts';

const mostCarried = statement.raw(String(mostCarriedMinor));

/** An expression, in minor units. `rule`: the alias of a rule; `left`: the period's `left_before`, which may be null. */
export const budgetInPeriod = (rule: RawBuilder<unknown>, left: RawBuilder<unknown>) => statement`(
  case ${rule}.rollover
    when 'unspent' then ${rule}.budget_minor + greatest(least(coalesce(${left}, 0), ${mostCarried}), 0)
    when 'both' then greatest(${rule}.budget_minor + least(coalesce(${left}, 0), ${mostCarried}), 0)
    else ${rule}.budget_minor
  end
)`;
