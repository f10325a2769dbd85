import * as fc from 'fast-check';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { movePerson } from '../../support/worlds/move-person.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import {
  lineArbitraries,
  type LineNews,
  makeModelWorld,
  merchantArbitrary,
  makePosts,
  type ModelWorld,
  ofLine,
  type RateNews,
  rateNewsArbitrary,
  sequenceArbitrary,
  toBody,
  toEvent,
  toRates,
} from '../../support/worlds/alerts/model-world.ts';
import { modelRules as rules } from '../../support/worlds/alerts/model-rules.ts';
import type { ModelRule } from '../../support/reference/reference-levels.ts';
import type { ModelEvent, ReferenceModel } from '../../support/reference/reference-model.ts';
import type { ModelExpense } from '../../support/reference/reference-scope.ts';
import { startsAt, startService, type TestService, type TestTenant } from '../../support/servers/service.ts';

let database: FreshDatabase;
let services: TestService[];

beforeAll(async () => {
  database = await freshDatabase();
  services = [];
  for (let index = 0; index < 3; index += 1)
    services.push(await startService({ databaseUrl: database.url, roles: ['web', 'worker'] }));
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await database.drop();
});

const now = Temporal.Instant.from(startsAt);
const zones: Record<string, string> = { p01: 'UTC', p02: 'America/New_York', p03: 'Asia/Kathmandu' };
const people = Object.keys(zones);

const often = <T>(usual: T, rare: T) => fc.constantFrom(usual, usual, usual, rare);
const newsArbitrary = fc.record({
  sequence: sequenceArbitrary,
  isUpdate: fc.boolean(),
  minute: fc.integer({ min: -9, max: 0 }),
  expense: fc.integer({ min: 0, max: 14 }),
  isDeleted: often(false, true),
  userId: fc.constantFrom(...people),
  categoryId: fc.constantFrom('food', 'rent', 'travel'),
  merchant: merchantArbitrary,
  currency: often('USD', 'EUR'),
  amountMinor: fc.constantFrom(8000n, 5000n, 4000n, 1000n, 500n, -500n, -4000n, 20_000n),
  spentHours: fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -360, max: 120 })),
  isRepeated: often(false, true),
  kind: often<ModelExpense['kind'] & string>('purchase', 'transfer'),
  status: often<ModelExpense['status'] & string>('posted', 'pending'),
  ...lineArbitraries,
});

/** Each table has a day of its own, so that their order does not matter. */
const byDay = { selector: ({ days }: RateNews) => days, minLength: 4, maxLength: 8 };

/** Batches of random sizes in an order that is independent of the events' times. */
const streamArbitrary = fc.record({
  news: fc.array(newsArbitrary, { minLength: 50, maxLength: 90, size: 'max' }),
  cuts: fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
  order: fc.infiniteStream(fc.nat()),
  tables: fc.uniqueArray(rateNewsArbitrary, byDay),
});

const db = () => {
  const [first] = services;
  if (!first) throw new Error('no service runs');
  return first.services.db;
};

async function makeWorld(): Promise<ModelWorld & { tenant: TestTenant }> {
  const tenant = await services[0]?.anotherTenant();
  if (!tenant) throw new Error('no service runs');
  return { tenant, ...(await makeModelWorld(db(), tenant.tenantId, { zones, rules, at: now })) };
}

/** Each has a sequence of its own, because nobody knows in which order they arrive. */
const makeEvents = (news: readonly LineNews[]): ModelEvent[] =>
  news.map((each, index) => ({
    ...toEvent(ofLine(each, people), index, now),
    sequence: `${each.sequence ?? ''}${index}`,
  }));

/** Nine callers take the next waiting post and send it to their service. */
async function postAll(tenant: TestTenant, posts: readonly ModelEvent[][]) {
  const waiting = posts.map((events) => events.map(toBody));
  const sum = { accepted: 0, duplicates: 0, rejected: 0 };
  const call = async (caller: number) => {
    for (let bodies = waiting.shift(); bodies; bodies = waiting.shift()) {
      const answer = await services[caller % services.length]?.post('/api/events', bodies, tenant.apiKey);
      expect(answer).toMatchObject({ status: 202 });
      sum.accepted += answer?.body.accepted;
      sum.duplicates += answer?.body.duplicates;
      sum.rejected += answer?.body.rejected.length;
    }
  };
  await Promise.all(Array.from({ length: 9 }, (_, caller) => call(caller)));
  return sum;
}

/** Puts the tables one after the other, each through the next service. */
async function putRates({ adminKey }: TestTenant, tables: readonly RateNews[]): Promise<void> {
  const put = (news: RateNews, index: number) =>
    services[index % services.length]?.put('/api/fx-rates', toRates(news, now).table, adminKey);
  for (const [index, news] of tables.entries()) expect(await put(news, index)).toMatchObject({ status: 200 });
}

const applied = ({ tenantId }: TestTenant) =>
  vi.waitFor(
    async () => {
      const { rows } = await statement<{ pending: string }>`
        select count(*) as pending from event_batches
        where tenant_id = ${tenantId} and applied_at is null`.execute(database.sql);
      expect(rows).toEqual([{ pending: '0' }]);
    },
    { timeout: 30_000, interval: 10 },
  );

/** Reads one text per row, sorted. */
async function readRows(query: ReturnType<typeof statement<{ row: string }>>): Promise<string[]> {
  const { rows } = await query.execute(database.sql);
  return rows.map(({ row }) => row).sort();
}

async function expectSums({ tenantId }: TestTenant, known: readonly ModelRule[], model: ReferenceModel) {
  const daily = await readRows(statement`
    select concat_ws(' ', user_id, day, category_id, currency, amount_minor, expense_count) as row
    from daily_spend where tenant_id = ${tenantId} and (expense_count <> 0 or amount_minor <> 0)`);
  const modelled = [...model.dailySpend()].map(
    ([key, { amountMinor, count }]) => `${key} ${amountMinor} ${count}`,
  );
  expect(daily).toEqual(modelled.sort());
  const spent = await readRows(statement`
    select concat_ws(' ', rule_id, period_start, spent_minor) as row
    from rule_spend where tenant_id = ${tenantId} and spent_minor <> 0`);
  const begun = spent.filter((row) => {
    const [ruleId, start = ''] = row.split(' ');
    return known.some((rule) => rule.id === ruleId && model.hasBegun(rule, start));
  });
  const sums = [...model.ruleSpend()].filter(([, sum]) => sum !== 0n).map(([key, sum]) => `${key} ${sum}`);
  return { begun, sums: sums.sort() };
}

async function expectAlerts({ tenantId }: TestTenant, model: ReferenceModel): Promise<void> {
  const open = await readRows(statement`
    select concat_ws(' ', rule_id, period_start, level) as row
    from alert_states where tenant_id = ${tenantId} and is_open`);
  expect(open).toEqual(model.reachedLevels().sort());
  const { rows } = await statement<{ row: string; outcomes: string[] }>`
    select concat_ws(' ', rule_id, period_start, level) as row, array_agg(outcome order by number) as outcomes
    from alert_decisions where tenant_id = ${tenantId} and level is not null
    group by rule_id, period_start, level`.execute(database.sql);
  for (const { row, outcomes } of rows) {
    // A superseded level speaks later if the one that spoke for it falls unheard.
    const changes = outcomes
      .join(' ')
      .replaceAll(/superseded (notified|deduplicated)/g, 'superseded')
      .split(' ');
    const expected = changes.map((outcome, index) => (index % 2 === 1 ? 'resolved' : outcome));
    expect([row, ...changes]).toEqual([row, ...expected]);
    expect([row, changes.at(-1) !== 'resolved']).toEqual([row, open.includes(row)]);
  }
  const unmatched = await readRows(statement`
    select concat_ws(' ', d.rule_id, d.level) as row
    from alert_decisions d
    left join notification_history n on n.tenant_id = d.tenant_id and n.id = d.notification_id
      and n.rule_id = d.rule_id and n.level = d.level
    where d.tenant_id = ${tenantId} and (d.outcome = 'notified') <> (n.id is not null)`);
  expect(unmatched).toEqual([]);
}

const readFailures = ({ tenantId }: TestTenant): Promise<string[]> =>
  readRows(statement`
    select concat_ws(' ', id, error) as row from events
    where tenant_id = ${tenantId} and error is not null`);

describe('three services on one database', () => {
  test('end with the sums and levels of the reference model, in any order of events and connections', async () => {
    await fc.assert(
      fc.asyncProperty(streamArbitrary, async ({ news, cuts, order, tables }) => {
        const { tenant, rules: known, model } = await makeWorld();
        const events = makeEvents(news);
        const repeats = events.filter((_event, index) => news[index]?.isRepeated);
        const [sum] = await Promise.all([
          postAll(tenant, makePosts([...events, ...repeats], cuts, order)),
          putRates(tenant, tables),
        ]);
        expect(sum).toEqual({ accepted: events.length, duplicates: repeats.length, rejected: 0 });
        await applied(tenant);
        expect(await readFailures(tenant)).toEqual([]);
        model.price(tables.flatMap((table) => toRates(table, now).modelled));
        model.evaluate(events);
        const { begun, sums } = await expectSums(tenant, known, model);
        expect(begun).toEqual(sums);
        await expectAlerts(tenant, model);
      }),
      { seed: 2211, numRuns: 8, interruptAfterTimeLimit: 15_000 },
    );
  });

  test('end with the sums of the reference model while a person’s time zone changes', async () => {
    await fc.assert(
      fc.asyncProperty(streamArbitrary, async ({ news, cuts, order }) => {
        const { tenant, rules: known, model } = await makeWorld();
        const events = makeEvents(news);
        const person = { tenantId: tenant.tenantId, userId: 'p02' };
        const move = async () => {
          for (const zone of ['Asia/Tokyo', 'UTC', 'Pacific/Kiritimati', 'America/New_York'])
            await movePerson(db(), person, zone, now);
        };
        await Promise.all([postAll(tenant, makePosts(events, cuts, order)), move()]);
        await applied(tenant);
        expect(await readFailures(tenant)).toEqual([]);
        model.evaluate(events);
        const { begun, sums } = await expectSums(tenant, known, model);
        // Expenses moved into a past period are summed when the period is next evaluated.
        expect(begun.filter((row) => !sums.includes(row))).toEqual([]);
      }),
      { seed: 2212, numRuns: 3, interruptAfterTimeLimit: 10_000 },
    );
  });

  test('apply each of two changes of a person at the same moment as a whole', async () => {
    const { tenant } = await makeWorld();
    const changes = ['Asia/Tokyo', 'America/New_York'].map((timezone) => ({ timezone, name: timezone }));
    for (let round = 0; round < 20; round += 1) {
      const put = async (change: object, index: number) =>
        services[index]?.put('/api/users/p02', change, tenant.adminKey);
      expect(await Promise.all(changes.map(put))).toMatchObject([{ status: 200 }, { status: 200 }]);
      const answer = await services[2]?.get('/api/users/p02', tenant.adminKey);
      expect(answer?.body.name).toBe(answer?.body.timezone);
    }
  });
});
