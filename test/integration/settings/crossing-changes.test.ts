/** Changes of one rule that were each valid when they were asked for, and definitions that another version has cached. */
import { sql as statement } from 'kysely';
import { expect, test } from 'vitest';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { readKnownRules } from '../../../src/alerts/rules/read-known-rules.ts';
import { readRuleDefinitions } from '../../../src/alerts/rules/read-rule-definitions.ts';
import { compareSpending } from '../../../src/alerts/spending/compare-spending.ts';
import { changeRule } from '../../../src/settings/change-rule.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { draftOf, evaluate, makeTenant, start } from '../../support/worlds/alerts/batches.ts';

const { db, sql } = await databaseOfFile();

const userId = 'p01';

test('a group excludes no category, though that was asked for while the rule watched all spending', async () => {
  const tenantId = await makeTenant(db, [userId]);
  const owner = { tenantId, userId };
  const { ruleId } = await createRule(db, owner, draftOf({}), start);
  await changeRule(db, owner, ruleId, { categoryId: null, categoryIds: ['food', 'rent'] }, start);
  await changeRule(db, owner, ruleId, { excludeCategories: ['food'] }, start);
  const expense = { userId, categoryId: 'food', amountMinor: 700n, currency: 'USD', spentAt: start };
  await evaluate(db, tenantId, [{ id: 'event', time: start, expenseId: 'expense', expense }]);
  const { rows } = await statement<{ spent_minor: string }>`
    select spent_minor from rule_spend where tenant_id = ${tenantId}`.execute(sql);
  expect(rows).toEqual([{ spent_minor: '700' }]);
  expect(await db.transaction([tenantId], (tx) => compareSpending(tx, tenantId))).toEqual([]);
});

test('a definition that a process of the version before has cached is read again', async () => {
  const tenantId = await makeTenant(db, [userId]);
  const owner = { tenantId, userId };
  await createRule(db, owner, draftOf({ categoryIds: ['food'], rollover: 'both' }), start);
  const page = { limit: 10, after: null };
  await db.transaction([tenantId], async (tx) => {
    const whole = await readRuleDefinitions(tx, owner, 10);
    expect(await readKnownRules(tx, owner, page, whole, start)).toHaveLength(1);
    const later = new Set([
      'category_ids',
      'exclude_categories',
      'exclude_merchants',
      'rollover',
      'carries_from',
    ]);
    const before = whole.map((row) =>
      // As JSON of the version before, whose rows lack the columns.
      Object.fromEntries(Object.entries(row).filter(([name]) => !later.has(name))),
    ) as typeof whole;
    expect(await readKnownRules(tx, owner, page, before, start)).toBeNull();
  });
});
