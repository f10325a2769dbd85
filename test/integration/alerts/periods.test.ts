import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { Person } from '../../support/worlds/person.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService();
});

afterAll(async () => {
  await service.stop();
});

const tomorrowAt = (hour: number, days = 1): Temporal.Instant =>
  service.clock.now().toZonedDateTimeISO('UTC').startOfDay().add({ days, hours: hour }).toInstant();

const openPeriods = () => runJobNow(service.services, 'evaluate-periods', service.clock.now());

describe('a change of the time zone', () => {
  test('moves local days, and resolves and opens the levels of their periods', async () => {
    service.clock.moveTo(tomorrowAt(12));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { period: 'daily' });
    const earlyToday = service.clock.now().subtract({ hours: 11 });
    await person.spend('60.00', { at: earlyToday });
    await person.spend('60.00');
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    const path = `/api/users/${person.userId}`;
    const { adminKey } = service.tenant;
    expect((await service.put(path, { timezone: 'America/New_York' }, adminKey)).status).toBeLessThan(300);
    await service.settled();
    expect(await person.story(ruleId, 3)).toEqual(['100 resolved', '95 resolved', '80 resolved']);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '60.00' });
    await service.put(path, { timezone: 'UTC' }, adminKey);
    await service.settled();
    expect(await person.rule(ruleId)).toMatchObject({ spent: '120.00' });
    // The person heard of the budget less than an hour ago.
    expect(await person.story(ruleId, 6)).toEqual(['80 deduplicated', '95 deduplicated', '100 deduplicated']);
  });
});

describe('a period', () => {
  test('alerts once about expenses dated ahead when it opens', async () => {
    service.clock.moveTo(tomorrowAt(12));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { period: 'daily' });
    await person.spend('50.00', { at: tomorrowAt(9) });
    await person.spend('45.00', { at: tomorrowAt(10) });
    await openPeriods();
    expect(await person.story(ruleId)).toEqual([]);
    service.clock.moveTo(tomorrowAt(0));
    await openPeriods();
    await openPeriods();
    await service.settled();
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 notified']);
    expect(await person.heard()).toEqual([95]);
    await person.spend('5.00');
    expect(await person.story(ruleId, 2)).toEqual(['100 notified']);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '100.00' });
  });

  test('that begins alerts with its first expense about expenses dated ahead, even before the job runs', async () => {
    service.clock.moveTo(tomorrowAt(12));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { period: 'daily' });
    await person.spend('50.00', { at: tomorrowAt(9) });
    service.clock.moveTo(tomorrowAt(1));
    await person.spend('50.00');
    await openPeriods();
    await service.settled();
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    expect(await person.heard()).toEqual([100]);
  });

  test('that is over alerts about late expenses within its grace, naming the day, and not after it', async () => {
    service.clock.moveTo(tomorrowAt(12));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { period: 'daily' });
    const day = service.clock.now();
    service.clock.moveTo(tomorrowAt(11));
    await person.spend('80.00', { at: day });
    expect(await person.story(ruleId)).toEqual(['80 notified']);
    const [alert] = await person.notifications();
    const date = day.toZonedDateTimeISO('UTC');
    expect(alert?.message).toMatch(new RegExp(`yesterday|\\b0?${date.day}\\b`, 'i'));
    service.clock.moveTo(tomorrowAt(12, 0));
    await person.spend('20.00', { at: day });
    expect(await person.story(ruleId, 1)).toEqual(['95 past_period', '100 past_period']);
    expect(await person.heard()).toEqual([80]);
    const sums = await statement<{ spent: string }>`
      select spent_minor as spent from rule_spend where rule_id = ${ruleId} and period_start =
        ${date.toPlainDate().toString()}`.execute(service.sql);
    expect(sums.rows).toEqual([{ spent: '10000' }]);
  });

  test('that is over has its levels resolved by a raised budget', async () => {
    service.clock.moveTo(tomorrowAt(12));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { period: 'daily' });
    await person.spend('100.00');
    const day = service.clock.now();
    service.clock.moveTo(tomorrowAt(6));
    await openPeriods();
    await person.change(ruleId, { budgetAmount: '1000.00' });
    expect(await person.story(ruleId, 3)).toEqual(['100 resolved', '95 resolved', '80 resolved']);
    await person.spend('1.00', { at: day });
    expect(await person.story(ruleId, 6)).toEqual([]);
  });

  test('that is over does not alert about a lowered budget', async () => {
    service.clock.moveTo(tomorrowAt(12));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { period: 'daily' });
    await person.spend('60.00');
    const day = service.clock.now();
    service.clock.moveTo(tomorrowAt(6));
    await openPeriods();
    await person.change(ruleId, { budgetAmount: '50.00' });
    await person.spend('1.00', { at: day });
    expect(await person.heard()).toEqual([]);
  });
});
