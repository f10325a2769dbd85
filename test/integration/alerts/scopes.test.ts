import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reconcileSpending } from '../../../jobs/reconcile-spending.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { Person } from '../../support/worlds/person.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const thresholds = [
  { percent: 50, severity: 'info' },
  { percent: 100, severity: 'danger' },
];

describe('a group of categories', () => {
  test('adds up its categories, and leaves out every other', async () => {
    const person = await Person.arrives(service);
    const group = await person.budget('100.00', { categoryIds: ['food', 'dining', 'food'], thresholds });
    await person.spend('30.00', { category: 'food' });
    await person.spend('500.00', { category: 'rent' });
    expect(await person.story(group)).toEqual([]);
    await person.spend('20.00', { category: 'dining' });
    expect(await person.story(group)).toEqual(['50 notified']);
    expect(await person.rule(group)).toMatchObject({
      categoryId: null,
      categoryIds: ['dining', 'food'],
      spent: '50.00',
      name: 'dining, food',
    });
  });

  test('and the rules of its categories are each moved by one expense', async () => {
    const person = await Person.arrives(service);
    const group = await person.budget('60.00', { categoryIds: ['food', 'dining'], thresholds });
    const food = await person.budget('40.00', { categoryId: 'food', thresholds });
    const dining = await person.budget('10.00', { categoryId: 'dining', thresholds });
    await person.spend('40.00', { category: 'food' });
    expect(await person.story(group)).toEqual(['50 notified']);
    expect(await person.story(food)).toEqual(['50 superseded', '100 notified']);
    expect(await person.story(dining)).toEqual([]);
  });

  test('is among the rules of each of its categories, and not of others', async () => {
    const person = await Person.arrives(service);
    const group = await person.budget('60.00', { categoryIds: ['food', 'dining'] });
    const all = await person.budget('60.00');
    const of = async (categoryId: string) =>
      (await person.rules(`categoryId=${categoryId}`)).map(({ id }) => id);
    expect([await of('food'), await of('dining'), await of('rent')]).toEqual([[group], [group], []]);
    expect((await person.rules('')).map(({ id }) => id).sort()).toEqual([group, all].sort());
  });

  test('takes the names of its categories as its own', async () => {
    const person = await Person.arrives(service);
    const { adminKey } = service.tenant;
    for (const [id, name] of [
      ['named-1', 'Groceries'],
      ['named-2', 'Eating out'],
    ])
      expect((await service.put(`/api/categories/${id}`, { name }, adminKey)).status).toBe(200);
    const group = await person.budget('60.00', { categoryIds: ['named-2', 'named-1', 'other'] });
    expect(await person.rule(group)).toMatchObject({ name: 'Groceries, Eating out, other' });
  });
});

describe('all spending', () => {
  test('leaves out the payments of a card whose purchases count already', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('400.00', { excludeCategories: ['card-payments'], thresholds });
    await person.spend('200.00', { category: 'food' });
    await person.spend('300.00', { category: 'card-payments' });
    expect(await person.rule(rule)).toMatchObject({ spent: '200.00', excludeCategories: ['card-payments'] });
    expect(await person.story(rule)).toEqual(['50 notified']);
  });

  test('without a merchant leaves it out however its name is written, in any currency', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { excludeMerchants: ['Acme Rent'], thresholds });
    await person.spend('49.00', { merchant: 'CORNER MARKET' });
    await person.spend('900.00', { merchant: 'ACME RENT #1023' });
    await person.spend('900.00', { merchant: 'acme  rent', currency: 'EUR' });
    expect(await person.rule(rule)).toMatchObject({ spent: '49.00', unrated: { count: 0 } });
    expect(await person.story(rule)).toEqual([]);
    await person.spend('1.00', { currency: 'EUR' });
    await person.spend('1.00');
    expect(await person.rule(rule)).toMatchObject({ spent: '50.00', unrated: { count: 1 } });
    expect(await person.story(rule)).toEqual(['- no_rate', '50 notified']);
  });

  test('without a merchant leaves it out by its id, and by a name that was known with that id alone', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { excludeMerchants: ['m-77'], thresholds });
    await person.spend('10.00', { merchant: 'Landlord Ltd', merchantId: 'm-77' });
    await person.spend('20.00', { merchant: 'Landlord Ltd' });
    await person.spend('30.00', { merchant: 'Landlord Ltd', merchantId: 'm-78' });
    // Two merchants have that name now. What was applied before stays as it was.
    await person.spend('15.00', { merchant: 'Landlord Ltd' });
    expect(await person.rule(rule)).toMatchObject({ spent: '45.00' });
  });

  test('without a merchant counts an expense that turns out to be from another', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { excludeMerchants: ['Acme Rent'], thresholds });
    const expenseId = await person.spend('120.00', { merchant: 'Acme Rent' });
    expect(await person.story(rule)).toEqual([]);
    service.clock.advance({ minutes: 1 });
    await person.spend('120.00', { merchant: 'Bistro', expenseId });
    expect(await person.story(rule)).toEqual(['50 superseded', '100 notified']);
    service.clock.advance({ minutes: 1 });
    await person.spend('120.00', { merchant: 'Acme Rent', expenseId });
    expect((await person.story(rule)).slice(2)).toEqual(['100 resolved', '50 resolved']);
    expect(await person.rule(rule)).toMatchObject({ spent: '0.00' });
  });
});

describe('another scope', () => {
  test.each([
    [
      'a group',
      { categoryIds: ['food', 'rent'] },
      '60.00',
      { categoryId: null, categoryIds: ['food', 'rent'] },
    ],
    ['all spending', { categoryId: null }, '70.00', { categoryId: null, categoryIds: null }],
    ['a category', { categoryId: 'rent' }, '20.00', { categoryId: 'rent', categoryIds: null }],
    ['without a merchant', { excludeMerchants: ['ACME'] }, '0.00', { excludeMerchants: ['ACME'] }],
  ])('is measured anew: %s', async (_name, changes, spent, shown) => {
    const person = await Person.arrives(service);
    const rule = await person.budget('40.00', { categoryId: 'food', thresholds });
    await person.spend('40.00', { merchant: 'Acme' });
    await person.spend('20.00', { category: 'rent' });
    await person.spend('10.00', { category: 'travel' });
    expect(await person.story(rule)).toEqual(['50 superseded', '100 notified']);
    await person.change(rule, changes);
    expect(await person.rule(rule)).toMatchObject({ spent, ...shown });
    expect((await person.story(rule)).slice(2, 4)).toEqual(['100 rule_changed', '50 rule_changed']);
  });

  test('of a group that is all spending again: null for the ids', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('40.00', { categoryIds: ['food'] });
    await person.spend('5.00', { category: 'rent' });
    await person.change(rule, { name: 'renamed', categoryId: null });
    expect(await person.rule(rule)).toMatchObject({ categoryIds: ['food'], spent: '0.00' });
    await person.change(rule, { categoryIds: null });
    expect(await person.rule(rule)).toMatchObject({ categoryIds: null, spent: '5.00' });
  });

  test('that is the same in another order changes nothing', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('40.00', { categoryIds: ['food', 'rent'] });
    await person.spend('40.00');
    const before = await person.story(rule);
    await person.change(rule, { categoryIds: ['rent', 'food', 'rent'], excludeMerchants: [] });
    expect(await person.story(rule)).toEqual(before);
  });
});

describe('a scope that is none', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
  test.each([
    ['both category fields', { categoryId: 'food', categoryIds: ['rent'] }, '/categoryIds'],
    ['an empty group', { categoryIds: [] }, '/categoryIds'],
    ['too large a group', { categoryIds: many(51) }, '/categoryIds'],
    ['a group of nothing', { categoryIds: [' '] }, '/categoryIds/0'],
    [
      'an exclusion beside a category',
      { categoryId: 'food', excludeCategories: ['rent'] },
      '/excludeCategories',
    ],
    [
      'an exclusion beside a group',
      { categoryIds: ['food'], excludeCategories: ['rent'] },
      '/excludeCategories',
    ],
    ['too many exclusions', { excludeCategories: many(51) }, '/excludeCategories'],
    ['too many merchants', { excludeMerchants: many(51) }, '/excludeMerchants'],
    ['a merchant without a name', { excludeMerchants: [''] }, '/excludeMerchants/0'],
  ])('is refused: %s', async (_name, scope, pointer) => {
    const person = await Person.arrives(service);
    const rule = await person.budget('40.00');
    const before = await person.rule(rule);
    for (const answer of [
      await person.tries('post', '/rules', { budgetAmount: '1.00', ...scope }),
      await person.tries('put', `/rules/${rule}`, scope),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
    }
    expect(await person.rule(rule)).toEqual(before);
    expect(await person.rules('')).toHaveLength(1);
  });

  test('also where the rule has the other half already', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('40.00', { excludeCategories: ['rent'] });
    const answer = await person.tries('put', `/rules/${rule}`, { categoryId: 'food' });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/excludeCategories']);
    await person.change(rule, { categoryId: 'food', excludeCategories: [] });
    expect(await person.rule(rule)).toMatchObject({ categoryId: 'food', excludeCategories: [] });
  });
});

test('kept sums of every scope agree with the expenses', async () => {
  const person = await Person.arrives(service);
  for (const scope of [
    { categoryIds: ['food', 'rent'] },
    { excludeCategories: ['food'] },
    { excludeMerchants: ['Acme'] },
  ])
    await person.budget('1000.00', scope);
  for (const category of ['food', 'rent', 'travel'])
    for (const merchant of ['ACME 12', 'Bistro']) await person.spend('7.00', { category, merchant });
  const sums = (await person.rules('')).map(({ spent }) => spent);
  expect(sums).toEqual(['28.00', '28.00', '21.00']);
  const { clock, services } = service;
  const outcome = await reconcileSpending.run(clock.now(), services, {
    log: createLog('silent'),
    signal: undefined,
  });
  expect(outcome).toMatchObject({ detail: expect.stringContaining('differences: 0') });
});
