/** Requests that wait for each other's locks: others are answered meanwhile, and the waiting ones end. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';
import { expenseEvent } from '../../support/servers/webhook.ts';
import { expectWaiting } from '../../support/worlds/while-locked.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

const rules = '/api/smart-alerts/rules';
const saveRule = (token: string) => service.post(rules, { budgetAmount: '10.00' }, token);

/** More people than a web process has connections. Each has a token that the service knows. */
async function signIn(): Promise<string[]> {
  const tokens = await Promise.all(Array.from({ length: 12 }, (_, number) => service.token(`u${number}`)));
  for (const token of tokens) expect((await service.get(rules, token)).status).toBe(200);
  return tokens;
}

/** Holds the exchange rates of the tenant, which every change of a rule shares, while `work` runs. */
const whileRatesAreHeld = (work: () => Promise<void>): Promise<void> =>
  service.sql.transaction().execute(async (holding) => {
    await statement`
      select pg_advisory_xact_lock(hashtextextended('fx_rates ' || ${service.tenant.tenantId}, 0))`.execute(
      holding,
    );
    await work();
  });

const waiting = async (): Promise<number> => {
  const { rows } = await statement`
    select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(service.sql);
  return rows.length;
};

test('events are taken in while every other connection waits for a lock', async () => {
  const other = await service.anotherTenant();
  const tokens = await signIn();
  const saves: Promise<{ status: number }>[] = [];
  await whileRatesAreHeld(async () => {
    saves.push(...tokens.map(saveRule));
    await expect.poll(waiting, { timeout: 10_000, interval: 20 }).toBeGreaterThanOrEqual(8);
    const began = performance.now();
    const answers = [
      await service.post('/api/events', expenseEvent(), other.apiKey),
      await service.post('/api/events', expenseEvent(), service.tenant.apiKey),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(await waiting()).toBeGreaterThanOrEqual(8);
  });
  await Promise.all(saves);
});

test('a request that waits too long for a lock is answered 503, and its connection is free again', async () => {
  const [token = ''] = await signIn();
  await whileRatesAreHeld(async () => {
    const saved = saveRule(token);
    await expectWaiting(service.sql, 1);
    const answer = await saved;
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.body).toMatchObject({ detail: 'Another change took too long.' });
    await expectWaiting(service.sql, 0);
  });
  expect((await saveRule(token)).status).toBe(201);
});

test('a job waits for a lock for as long as it takes', async () => {
  const { db, ingestDb } = service.services;
  const query = statement<{ ms: string }>`
    select setting as ms from pg_settings where name = ${'lock_timeout'}`;
  expect(await db.statement([], query)).toEqual([{ ms: '0' }]);
  expect(await ingestDb.statement([], query)).toEqual([{ ms: '5000' }]);
  expect(await ingestDb.transaction([], (sql) => query.execute(sql))).toMatchObject({
    rows: [{ ms: '5000' }],
  });
});
