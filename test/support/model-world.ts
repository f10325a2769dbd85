/** A tenant's people and rules twice: in the database, and in the reference model that is to agree with it. */
import type { Database } from '../../src/db/database.ts';
import { createRule } from '../../src/db/queries/create-rule.ts';
import { putUser } from '../../src/db/queries/put-user.ts';
import { draftOf, levelsOf } from './batches.ts';
import { type ModelEvent, type ModelExpense, type ModelRule, ReferenceModel } from './reference-model.ts';

export type ModelWorld = { rules: readonly ModelRule[]; model: ReferenceModel };

type Plan = {
  /** By user id. */
  zones: Readonly<Record<string, string>>;
  rules: readonly Omit<ModelRule, 'id'>[];
  at: Temporal.Instant;
};

export async function makeModelWorld(
  db: Database,
  tenantId: string,
  { zones, rules, at }: Plan,
): Promise<ModelWorld> {
  for (const [userId, timezone] of Object.entries(zones))
    await putUser(db, { tenantId, userId }, { timezone }, at);
  const known: ModelRule[] = [];
  for (const rule of rules) {
    const draft = draftOf({ ...rule, thresholds: levelsOf(...rule.levels) });
    const { ruleId } = await createRule(db, { tenantId, userId: rule.userId }, draft, at);
    known.push({ ...rule, id: ruleId });
  }
  return { rules: known, model: new ReferenceModel(known, (userId) => zones[userId] ?? 'UTC', at) };
}

/** What a generator says of an event; `minute` and `spentHours` count from the world's instant. */
export type News = Omit<ModelExpense, 'spentAt'> & {
  /** Decides between events of the same time. */
  tie: string;
  minute: number;
  expense: number;
  isDeleted: boolean;
  spentHours: number;
};

export function toEvent(news: News, index: number, at: Temporal.Instant): ModelEvent {
  const { userId, categoryId, currency, amountMinor } = news;
  const spentAt = at.add({ hours: news.spentHours });
  return {
    id: `${news.tie}${index}`,
    time: at.add({ minutes: news.minute }),
    expenseId: `x${news.expense}`,
    expense: news.isDeleted ? null : { userId, categoryId, currency, amountMinor, spentAt },
  };
}
