/** Budgets whose periods are not the calendar's: from payday to payday, and for a trip. */
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

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

/** Every test has a year of its own, as the clock of the service goes on. */
let year = 2030;
const nextYear = (): number => (year += 1);

const openPeriods = async (): Promise<void> => {
  await runJobNow(service.services, 'evaluate-periods', service.clock.now());
  await service.settled();
};

const moveTo = async (text: string): Promise<void> => {
  service.clock.moveTo(at(text));
  await openPeriods();
};

describe('a budget from payday to payday', () => {
  test('alerts once in each period, and counts what is dated ahead when the next one opens', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-03-26T12:00:00Z`));
    const person = await Person.arrives(service);
    const period = { rrule: 'FREQ=MONTHLY;BYMONTHDAY=25', start: `${y}-01-25` };
    const ruleId = await person.budget('100.00', { period });
    expect(await person.rule(ruleId)).toMatchObject({
      period,
      periodStart: `${y}-03-25`,
      periodEnd: `${y}-04-25`,
      spent: '0.00',
    });
    await person.spend('100.00');
    await person.spend('5.00', { at: at(`${y}-03-24T12:00:00Z`) });
    await person.spend('90.00', { at: at(`${y}-04-25T08:00:00Z`) });
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '100.00' });
    await moveTo(`${y}-04-24T23:59:00Z`);
    expect(await person.story(ruleId, 3)).toEqual([]);
    await moveTo(`${y}-04-25T00:01:00Z`);
    expect(await person.story(ruleId, 3)).toEqual(['80 notified']);
    expect(await person.rule(ruleId)).toMatchObject({
      periodStart: `${y}-04-25`,
      periodEnd: `${y}-05-25`,
      spent: '90.00',
    });
    expect(await person.heard()).toEqual([100, 80]);
    const [alert] = await person.notifications();
    expect(alert).toMatchObject({
      title: 'All spending: 100% of the budget',
      message: expect.stringContaining('nothing left, with 30 days to go'),
    });
  });

  test('names its period when a late expense alerts within 72 hours, and none does afterwards', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-03-26T12:00:00Z`));
    const person = await Person.arrives(service);
    const period = { rrule: 'FREQ=MONTHLY;BYMONTHDAY=25', start: `${y}-03-25` };
    const ruleId = await person.budget('100.00', { period, name: 'Food' });
    await moveTo(`${y}-04-27T23:59:00Z`);
    await person.spend('80.00', { at: at(`${y}-04-24T12:00:00Z`) });
    await moveTo(`${y}-04-28T00:00:00Z`);
    await person.spend('20.00', { at: at(`${y}-04-24T13:00:00Z`) });
    expect(await person.story(ruleId)).toEqual(['80 notified', '95 past_period', '100 past_period']);
    const [alert] = await person.notifications();
    expect(alert?.title).toMatch(
      new RegExp(`^Food, March 25\\s*–\\s*April 24, ${y}: 80% of the budget$`, 'u'),
    );
  });

  test('has no period before its start, and then begins', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-03-20T12:00:00Z`));
    const person = await Person.arrives(service);
    const period = { rrule: 'FREQ=WEEKLY;INTERVAL=2', start: `${y}-03-24` };
    const ruleId = await person.budget('100.00', { period });
    await person.spend('500.00');
    await person.spend('85.00', { at: at(`${y}-03-24T10:00:00Z`) });
    expect(await person.rule(ruleId)).toMatchObject({
      periodStart: `${y}-03-24`,
      periodEnd: `${y}-04-07`,
      spent: '85.00',
      isActive: true,
    });
    expect(await person.story(ruleId)).toEqual([]);
    await moveTo(`${y}-03-24T00:00:00Z`);
    expect(await person.story(ruleId)).toEqual(['80 notified']);
  });

  test('begins with the local day of a person who moves', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-03-24T12:00:00Z`));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', {
      period: { rrule: 'FREQ=MONTHLY;BYMONTHDAY=25', start: `${y}-01-25` },
    });
    await person.spend('90.00');
    const zone = { timezone: 'Pacific/Auckland' };
    expect((await service.put(`/api/users/${person.userId}`, zone, service.tenant.adminKey)).status).toBe(
      200,
    );
    await service.settled();
    // It is the 25th there.
    expect(await person.rule(ruleId)).toMatchObject({ periodStart: `${y}-03-25`, spent: '90.00' });
  });
});

describe('a budget for a trip', () => {
  const tripOf = (y: number) => ({ start: `${y}-06-10`, end: `${y}-06-20` });

  test('alerts about expenses inside alone, late ones too, and is switched off after its grace', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-06-09T12:00:00Z`));
    const person = await Person.arrives(service);
    const period = tripOf(y);
    const ruleId = await person.budget('100.00', { period });
    await person.spend('1000.00');
    expect(await person.story(ruleId)).toEqual([]);
    await moveTo(`${y}-06-10T09:00:00Z`);
    await person.spend('85.00');
    expect(await person.story(ruleId)).toEqual(['80 notified']);
    await moveTo(`${y}-06-20T00:00:00Z`);
    await person.spend('1000.00');
    expect(await person.story(ruleId, 1)).toEqual([]);
    await person.spend('10.00', { at: at(`${y}-06-19T23:00:00Z`) });
    expect(await person.story(ruleId, 1)).toEqual(['95 notified']);
    await moveTo(`${y}-06-22T23:59:00Z`);
    expect(await person.rule(ruleId)).toMatchObject({
      isActive: true,
      periodStart: period.start,
      periodEnd: period.end,
      spent: '95.00',
    });
    await moveTo(`${y}-06-23T00:00:00Z`);
    expect(await person.rule(ruleId)).toMatchObject({ isActive: false, period, spent: '95.00' });
    await person.spend('50.00', { at: at(`${y}-06-19T23:30:00Z`) });
    expect(await person.story(ruleId, 2)).toEqual([]);
    expect(await person.rule(ruleId)).toMatchObject({ spent: '145.00' });
  });

  test('of a single day is switched off after 12 hours', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-06-10T12:00:00Z`));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', { period: { start: `${y}-06-10`, end: `${y}-06-11` } });
    await person.spend('85.00');
    const [alert] = await person.notifications();
    expect(alert).toMatchObject({
      title: 'All spending: 85% of the budget',
      message: expect.stringContaining('$15.00 left today'),
    });
    await moveTo(`${y}-06-11T11:59:00Z`);
    expect(await person.rule(ruleId)).toMatchObject({ isActive: true });
    await moveTo(`${y}-06-11T12:00:00Z`);
    expect(await person.rule(ruleId)).toMatchObject({ isActive: false });
  });

  test('cancels what waits of it when it is switched off', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-06-10T12:00:00Z`));
    const person = await Person.arrives(service);
    const email = `${person.userId}@example.org`;
    await service.put(`/api/users/${person.userId}`, { email }, service.tenant.adminKey);
    const ruleId = await person.budget('100.00', {
      period: tripOf(y),
      channels: ['in-app', 'email'],
      snoozeUntil: `${y}-12-01`,
    });
    await person.spend('85.00');
    expect(await person.notifications()).toMatchObject([{ status: 'deferred', reason: 'snoozed' }]);
    await moveTo(`${y}-06-23T00:00:00Z`);
    expect(await person.rule(ruleId)).toMatchObject({ isActive: false });
    expect(await person.notifications()).toMatchObject([{ status: 'cancelled', reason: 'rule_disabled' }]);
    expect(await person.story(ruleId)).toHaveLength(1);
  });

  test('that is over is not switched on again, and is with new days', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-06-10T12:00:00Z`));
    const person = await Person.arrives(service);
    const token = await service.token(person.userId);
    const ruleId = await person.budget('100.00', { period: tripOf(y) });
    await moveTo(`${y}-06-21T00:00:00Z`);
    await person.change(ruleId, { name: 'Trip' });
    await moveTo(`${y}-06-23T00:00:00Z`);
    await person.change(ruleId, { budgetAmount: '120.00' });
    const path = `/api/smart-alerts/rules/${ruleId}`;
    const refused = await service.put(path, { isActive: true }, token);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/period/end' }] } });
    expect(await person.rule(ruleId)).toMatchObject({ isActive: false, budgetAmount: '120.00' });
    const period = { start: `${y}-06-22`, end: `${y}-07-01` };
    await person.change(ruleId, { isActive: true, period });
    await person.spend('120.00');
    expect(await person.story(ruleId)).toEqual(['80 superseded', '95 superseded', '100 notified']);
    expect(await person.rule(ruleId)).toMatchObject({ isActive: true, period, spent: '120.00' });
  });
});

describe('another period of a rule', () => {
  test('closes its levels and measures it again, and the same one does not', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-06-10T12:00:00Z`));
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00');
    await person.spend('60.00', { at: at(`${y}-06-03T12:00:00Z`) });
    await person.spend('30.00');
    expect(await person.story(ruleId)).toEqual(['80 notified']);
    const period = { rrule: 'FREQ=MONTHLY;BYMONTHDAY=5', start: `${y}-01-05` };
    await person.change(ruleId, { period });
    expect(await person.story(ruleId, 1)).toEqual(['80 rule_changed']);
    expect(await person.rule(ruleId)).toMatchObject({ period, spent: '30.00', periodStart: `${y}-06-05` });
    await person.change(ruleId, { period: { start: period.start, rrule: period.rrule.toLowerCase() } });
    expect(await person.story(ruleId, 2)).toEqual([]);
    await person.change(ruleId, { period: { start: `${y}-06-01`, end: `${y}-06-15` } });
    expect(await person.story(ruleId, 2)).toEqual(['80 notified']);
    await person.change(ruleId, { period: 'monthly' });
    expect(await person.story(ruleId, 3)).toEqual(['80 rule_changed', '80 notified']);
  });
});

describe('sums of such periods', () => {
  test('stay equal to their expenses, and expenses outside them are applied without an evaluation', async () => {
    const y = nextYear();
    service.clock.moveTo(at(`${y}-06-12T12:00:00Z`));
    const person = await Person.arrives(service);
    const trip = await person.budget('1000.00', { period: { start: `${y}-06-10`, end: `${y}-06-20` } });
    const payday = await person.budget('1000.00', {
      period: {
        rrule: 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
        start: `${y}-05-${lastWorkday(y, 5)}`,
      },
    });
    for (const day of ['06-09', '06-10', '06-19', '06-20'])
      await person.spend('10.00', { at: at(`${y}-${day}T12:00:00Z`), time: at(`${y}-06-12T12:00:00Z`) });
    expect(await person.rule(trip)).toMatchObject({ spent: '20.00' });
    expect(await person.rule(payday)).toMatchObject({ spent: '40.00' });
    const { rows } = await statement<{ rule_id: string; spent_minor: string }>`
      select rule_id, spent_minor from rule_spend where rule_id = any(${[trip, payday]}::uuid[])`.execute(
      service.sql,
    );
    expect(new Map(rows.map((row) => [row.rule_id, row.spent_minor]))).toEqual(
      new Map([
        [trip, '2000'],
        [payday, '4000'],
      ]),
    );
    await runJobNow(service.services, 'reconcile-spending', service.clock.now());
    expect(await person.rule(trip)).toMatchObject({ spent: '20.00' });
    expect(await person.story(trip)).toEqual([]);
  });
});

function lastWorkday(y: number, month: number): string {
  const last = Temporal.PlainYearMonth.from({ year: y, month }).toPlainDate({ day: 1 });
  const day = last.with({ day: last.daysInMonth });
  return String(day.subtract({ days: Math.max(0, day.dayOfWeek - 5) }).day).padStart(2, '0');
}
