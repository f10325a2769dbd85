/** Tests in SQL whether a rule counts a category. `decide/scope.ts` says the same for an expense in the process. */
import { type RawBuilder, sql as statement } from 'kysely';

/** A condition. `rule`: the alias of a rule; `category`: an expression. Excluded merchants are left to `measureSpending`. */
export const coversCategory = (rule: RawBuilder<unknown>, category: RawBuilder<unknown>) => statement`(
  ${rule}.category_id = ${category} or ${rule}.category_id is null
    and (${rule}.category_ids is null or ${category} = any(${rule}.category_ids))
    and (${rule}.exclude_categories is null or ${category} <> all(${rule}.exclude_categories))
)`;
