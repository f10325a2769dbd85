import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Person } from '../../support/worlds/person.ts';

let service: TestService;
let clock: SteppedClock;
beforeAll(async () => {
  clock = new SteppedClock('2026-01-20T12:00:00Z');
  service = await startService({ clock });
});
afterAll(() => service.stop());

const thresholds = [
  { percent: 50, severity: 'info' },
  { percent: 100, severity: 'danger' },
];

/** Noon of a day, with every period opened that has begun. */
async function comes(day: string): Promise<void> {
  clock.advance(clock.now().until(Temporal.Instant.from(`${day}T12:00:00Z`)));
  await runJobNow(service.services, 'evaluate-periods', clock.now());
  await service.settled();
}

const on = (day: string) => ({ at: Temporal.Instant.from(`${day}T09:00:00Z`) });

const figures = async (person: Person, rule: string) => {
  const { carried, budget, budgetAmount, spent, periodStart } = await person.rule(rule);
  return { carried, budget, budgetAmount, spent, periodStart };
};

describe('a budget through three months', () => {
  test('carries what is left, a late refund in the first included, until that month is closed', async () => {
    const person = await Person.arrives(service);
    const rules = {
      none: await person.budget('100.00', { thresholds }),
      unspent: await person.budget('100.00', { rollover: 'unspent', thresholds }),
      both: await person.budget('100.00', { rollover: 'both', thresholds }),
    };
    const budgets = async () => ({
      none: (await figures(person, rules.none)).budget,
      unspent: (await figures(person, rules.unspent)).budget,
      both: (await figures(person, rules.both)).budget,
    });
    await person.spend('70.00', on('2026-01-20'));
    expect(await budgets()).toEqual({ none: '100.00', unspent: '100.00', both: '100.00' });

    await comes('2026-02-02');
    expect(await budgets()).toEqual({ none: '100.00', unspent: '130.00', both: '130.00' });
    expect(await figures(person, rules.unspent)).toEqual({
      budgetAmount: '100.00',
      carried: '30.00',
      budget: '130.00',
      spent: '0.00',
      periodStart: '2026-02-01',
    });
    await person.spend('120.00', on('2026-02-02'));
    expect(await person.story(rules.none, 1)).toEqual(['50 superseded', '100 notified']);
    expect(await person.story(rules.both, 1)).toEqual(['50 notified']);
    const [alert] = (await person.notifications()).filter(({ ruleId }) => ruleId === rules.both).toReversed();
    expect(alert?.message).toContain('$120.00 of $130.00 spent');
    expect(alert?.message).toContain(' $30.00 of the budget is carried over.');

    // January may still alert: what comes back in it makes room in February.
    await person.spend('-150.00', on('2026-01-31'));
    expect(await budgets()).toEqual({ none: '100.00', unspent: '280.00', both: '280.00' });
    expect((await person.story(rules.both)).slice(2)).toEqual(['50 resolved', '50 resolved']);

    await comes('2026-02-06');
    // January is closed. Its sum changes, and February's budget stays.
    await person.spend('50.00', on('2026-01-30'));
    expect(await budgets()).toEqual({ none: '100.00', unspent: '280.00', both: '280.00' });
    await person.spend('400.00', on('2026-02-06'));
    expect(await figures(person, rules.both)).toMatchObject({ spent: '520.00', carried: '180.00' });

    await comes('2026-03-01');
    expect(await budgets()).toEqual({ none: '100.00', unspent: '100.00', both: '0.00' });
    expect(await figures(person, rules.both)).toMatchObject({ carried: '-100.00', spent: '0.00' });
  });

  test('of which nothing is left is exceeded by the first spending, and has no percentage', async () => {
    await comes('2026-03-10');
    const person = await Person.arrives(service);
    const rule = await person.budget('10.00', { rollover: 'both', name: 'Snacks', thresholds });
    await person.spend('95.00', on('2026-03-10'));
    await comes('2026-04-02');
    expect(await person.heard()).toEqual([100]);
    await person.spend('0.50', on('2026-04-02'));
    const [, last] = await person.notifications();
    expect(last).toMatchObject({
      level: 100,
      title: 'Snacks: nothing was left of the budget',
      message:
        'Snacks: $0.50 of $0.00 spent, $0.50 over, with 29 days left this month. The budget is $10.00 smaller, because the last one was exceeded.',
    });
    expect((await person.dashboard()).rules[0]).toMatchObject({ id: rule, pct: null, budget: '0.00' });
    expect((await person.dailySummary('2026-04-02')).budgets).toMatchObject([{ pct: null, budget: '0.00' }]);
  });
});

describe('a rule that begins', () => {
  test.each([
    ['with its period', { period: 'weekly' }],
    ['with its currency', { currency: 'EUR' }],
    ['with its scope', { categoryIds: ['food', 'rent'] }],
  ])('anew %s carries nothing into its first period', async (_name, changes) => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { rollover: 'both', thresholds });
    const firstOfMonth = clock
      .now()
      .toZonedDateTimeISO('UTC')
      .add({ months: 1 })
      .with({ day: 10 })
      .toPlainDate();
    await comes(firstOfMonth.toString());
    expect(await figures(person, rule)).toMatchObject({ carried: '100.00' });
    await person.change(rule, changes);
    expect(await figures(person, rule)).toMatchObject({ carried: '0.00', budget: '100.00' });
  });

  test('carries nothing after it was switched off, and shows none meanwhile', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { rollover: 'unspent' });
    const next = clock.now().toZonedDateTimeISO('UTC').add({ months: 1 }).with({ day: 10 }).toPlainDate();
    await comes(next.toString());
    expect(await figures(person, rule)).toMatchObject({ budget: '200.00' });
    await person.disable(rule);
    expect(await figures(person, rule)).toMatchObject({ budget: '100.00' });
    await person.change(rule, { isActive: true });
    expect(await figures(person, rule)).toMatchObject({ budget: '100.00' });
  });

  test('to carry over takes what was left of the month before, and drops it when it ends', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { thresholds });
    const next = clock.now().toZonedDateTimeISO('UTC').add({ months: 1 }).with({ day: 10 }).toPlainDate();
    await comes(next.toString());
    await person.spend('110.00');
    expect(await person.story(rule)).toEqual(['50 superseded', '100 notified']);
    await person.change(rule, { rollover: 'unspent' });
    expect(await figures(person, rule)).toMatchObject({ budget: '200.00', carried: '100.00' });
    expect((await person.story(rule)).slice(2)).toEqual(['100 resolved']);
    await person.change(rule, { budgetAmount: '50.00' });
    expect(await figures(person, rule)).toMatchObject({ budget: '150.00', carried: '100.00' });
    await person.change(rule, { rollover: 'none' });
    expect(await figures(person, rule)).toMatchObject({ budget: '50.00', carried: '0.00' });
    expect((await person.story(rule)).slice(3)).toEqual(['100 deduplicated']);
  });

  test('is shown with what it carries before its period is opened', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { rollover: 'unspent' });
    const next = clock.now().toZonedDateTimeISO('UTC').add({ months: 1 }).with({ day: 1 }).toPlainDate();
    clock.advance(clock.now().until(Temporal.Instant.from(`${next.toString()}T12:00:00Z`)));
    expect(await figures(person, rule)).toMatchObject({ budget: '200.00', periodStart: next.toString() });
  });

  test('after months without an evaluation adds up each of them', async () => {
    const person = await Person.arrives(service);
    const rule = await person.budget('100.00', { rollover: 'unspent' });
    await person.spend('30.00');
    const later = clock.now().toZonedDateTimeISO('UTC').add({ months: 4 }).with({ day: 10 }).toPlainDate();
    await comes(later.toString());
    expect(await figures(person, rule)).toMatchObject({ budget: '470.00', carried: '370.00' });
  });

  test('of an unknown kind is refused', async () => {
    const person = await Person.arrives(service);
    const answer = await person.tries('post', '/rules', { budgetAmount: '1.00', rollover: 'some' });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/rollover']);
  });
});
