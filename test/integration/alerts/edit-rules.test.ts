import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { ruleDefaults } from '../../../src/alerts/decide/rule.ts';
import { Person } from '../../support/worlds/person.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService();
});

afterAll(async () => {
  await service.stop();
});

const levels = (...percents: number[]) => percents.map((percent) => ({ percent, severity: 'warning' }));

describe('a new rule', () => {
  test('over its budget opens every reached level and notifies once', async () => {
    const person = await Person.arrives(service);
    await person.spend('60.00');
    await person.spend('60.00');
    const ruleId = await person.budget('100.00');
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    expect(await person.heard()).toEqual([100]);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '120.00', isActive: true });
    await person.spend('1.00');
    expect(await person.story(ruleId)).toHaveLength(3);
  });

  test('for an unknown category counts it from its first expense', async () => {
    const person = await Person.arrives(service);
    const categoryId = `new-${randomUUID()}`;
    const ruleId = await person.budget('10.00', { categoryId });
    await person.spend('100.00', { category: 'another' });
    expect(await person.story(ruleId)).toEqual([]);
    await person.spend('8.00', { category: categoryId });
    expect(await person.story(ruleId)).toEqual(['80 notified']);
  });

  test('for all spending counts every category of its person alone', async () => {
    const person = await Person.arrives(service);
    const stranger = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { categoryId: null });
    await stranger.spend('100.00');
    await person.spend('50.00', { category: 'food' });
    await person.spend('49.99', { category: 'rent' });
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 notified']);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '99.99' });
  });

  test('leaves out expenses in a currency without a rate, and records that', async () => {
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00');
    await person.spend('500.00', { currency: 'EUR' });
    expect(await person.story(ruleId)).toEqual(['- no_rate']);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '0.00' });
    expect(await person.heard()).toEqual([]);
  });
});

describe('an edit of a rule', () => {
  test('that raises the budget resolves exactly the levels that fall', async () => {
    const person = await Person.arrives(service);
    await person.spend('100.00');
    const ruleId = await person.budget('100.00');
    await person.change(ruleId, { budgetAmount: '105.00' });
    expect(await person.story(ruleId, 3)).toEqual(['100 resolved']);
    await person.change(ruleId, { budgetAmount: '1000.00' });
    expect(await person.story(ruleId, 4)).toEqual(['95 resolved', '80 resolved']);
    expect(await person.heard()).toEqual([100]);
  });

  test('that lowers the budget opens exactly the levels that are reached', async () => {
    const person = await Person.arrives(service);
    await person.spend('80.00');
    const ruleId = await person.budget('100.00');
    await person.change(ruleId, { budgetAmount: '80.00' });
    expect(await person.story(ruleId)).toEqual(['80 notified', '95 superseded', '100 notified']);
    expect(await person.heard()).toEqual([80, 100]);
  });

  test('that raises or lowers the budget back notifies nobody a second time, even after the cooldown', async () => {
    const person = await Person.arrives(service);
    await person.spend('100.00');
    const ruleId = await person.budget('100.00');
    await person.change(ruleId, { budgetAmount: '1000.00' });
    service.clock.advance({ minutes: 61 });
    await person.change(ruleId, { budgetAmount: '100.00' });
    expect(await person.story(ruleId, 6)).toEqual(['80 superseded', '95 superseded', '100 deduplicated']);
    service.clock.advance({ minutes: 61 });
    await runJobNow(service.services, 'end-cooldowns', service.clock.now());
    await service.settled();
    expect(await person.heard()).toEqual([100]);
  });

  test('that changes the name alone changes no level', async () => {
    const person = await Person.arrives(service);
    await person.spend('100.00');
    const ruleId = await person.budget('100.00');
    await person.change(ruleId, { name: 'Renamed' });
    expect(await person.story(ruleId)).toHaveLength(3);
  });
});

describe('changed levels of a rule', () => {
  test('resolve when they are removed and open when they are added; the others stay', async () => {
    const person = await Person.arrives(service);
    await person.spend('100.00');
    const ruleId = await person.budget('100.00', { thresholds: levels(50, 90) });
    expect(await person.story(ruleId)).toEqual(['50 superseded', '90 notified']);
    await person.change(ruleId, { thresholds: levels(50, 100) });
    expect(await person.story(ruleId, 2)).toEqual(['90 resolved', '100 notified']);
    await person.change(ruleId, { thresholds: levels(50, 90, 100) });
    expect((await person.story(ruleId, 4)).map((row) => row.split(' ')[0])).toEqual(['90']);
    expect(await person.heard()).toEqual([90, 100]);
  });
});

describe('a rule with another scope', () => {
  test('closes its open levels and computes its spending anew for another category', async () => {
    const person = await Person.arrives(service);
    await person.spend('80.00', { category: 'food' });
    await person.spend('150.00', { category: 'rent' });
    const ruleId = await person.budget('100.00', { categoryId: 'food' });
    await person.change(ruleId, { categoryId: 'rent' });
    expect(await person.story(ruleId)).toEqual([
      '80 notified',
      '80 rule_changed',
      '80 superseded',
      '95 superseded',
      '100 superseded',
      '150 notified',
    ]);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '150.00', categoryId: 'rent' });
    await person.spend('100.00', { category: 'food' });
    expect(await person.rule(ruleId)).toMatchObject({ spent: '150.00' });
  });

  test('notifies about a level that was notified for the category before', async () => {
    const person = await Person.arrives(service);
    await person.spend('80.00', { category: 'food' });
    await person.spend('85.00', { category: 'rent' });
    const ruleId = await person.budget('100.00', { categoryId: 'food' });
    await person.change(ruleId, { categoryId: 'rent' });
    expect(await person.story(ruleId)).toEqual(['80 notified', '80 rule_changed', '80 notified']);
    expect(await person.heard()).toEqual([80, 80]);
  });

  test('closes its open levels and computes its spending anew in another currency', async () => {
    const person = await Person.arrives(service);
    await person.spend('80.00');
    await person.spend('20.00', { currency: 'EUR' });
    const ruleId = await person.budget('100.00');
    await person.change(ruleId, { currency: 'EUR', budgetAmount: '25.00' });
    // Without a rate each expense counts only in its own currency.
    expect(await person.story(ruleId)).toEqual([
      '80 notified',
      '- no_rate',
      '80 rule_changed',
      '80 notified',
      '- no_rate',
    ]);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '20.00', currency: 'EUR' });
  });

  test('closes its open levels for another period, and notifies about a level not yet notified in it', async () => {
    const person = await Person.arrives(service);
    await person.spend('80.00');
    const ruleId = await person.budget('100.00');
    await person.change(ruleId, { period: 'daily' });
    expect(await person.story(ruleId)).toEqual(['80 notified', '80 rule_changed', '80 notified']);
    await person.change(ruleId, { period: 'yearly', budgetAmount: '1000.00' });
    expect(await person.story(ruleId, 3)).toEqual(['80 rule_changed']);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '80.00', periodStart: '2026-01-01' });
  });
});

describe('a rule that is switched off', () => {
  test('alerts no more, and is evaluated anew when it is switched on again', async () => {
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00');
    await person.spend('80.00');
    await person.disable(ruleId);
    await person.spend('20.00');
    expect(await person.story(ruleId)).toEqual(['80 notified']);
    expect(await person.rule(ruleId)).toMatchObject({ isActive: false, spent: '100.00' });
    await person.change(ruleId, { isActive: true });
    expect(await person.story(ruleId, 1)).toEqual(['95 superseded', '100 notified']);
    expect(await person.heard()).toEqual([80, 100]);
    await person.spend('50.00');
    expect(await person.story(ruleId, 3)).toEqual(['150 notified']);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '150.00' });
  });

  test('resolves levels that fell meanwhile when it is switched on again', async () => {
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00');
    await person.spend('80.00');
    await person.disable(ruleId);
    await person.spend('-70.00');
    await person.change(ruleId, { isActive: true });
    expect(await person.story(ruleId)).toEqual(['80 notified', '80 resolved']);
  });

  test('has its waiting notifications cancelled, and keeps the sent ones', async () => {
    const person = await Person.arrives(service);
    const sentId = await person.budget('10.00');
    await person.spend('8.00');
    const owner = { tenantId: service.tenant.tenantId, userId: person.userId };
    const draft = { ...ruleDefaults, name: 'waiting', budgetMinor: 800n, currency: 'USD' };
    // Its notification is not enqueued, so it waits.
    const waiting = await createRule(
      service.services.db,
      owner,
      { ...draft, thresholds: [...draft.thresholds], channels: ['in-app'] },
      service.clock.now(),
    );
    expect((await person.notifications()).map(({ status }) => status)).toEqual(['sent', 'pending']);
    await person.disable(waiting.ruleId);
    await person.disable(sentId);
    expect(await person.notifications()).toMatchObject([
      { level: 80, status: 'sent' },
      { level: 100, status: 'cancelled', reason: 'rule_disabled' },
    ]);
  });

  test('does not notify about a level that waits for its cooldown', async () => {
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00');
    await person.spend('80.00');
    await person.spend('-10.00');
    await person.spend('10.00');
    expect(await person.story(ruleId)).toEqual(['80 notified', '80 resolved', '80 deduplicated']);
    await person.disable(ruleId);
    service.clock.advance({ minutes: 61 });
    await runJobNow(service.services, 'end-cooldowns', service.clock.now());
    await service.settled();
    expect(await person.heard()).toEqual([80]);
  });
});
