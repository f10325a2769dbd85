/** Requests that wait for each other's locks: others are answered meanwhile, and the waiting ones end. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, startService, type TestService } from '../../support/servers/service.ts';
import { expenseEvent } from '../../support/servers/webhook.ts';
import { expectWaiting } from '../../support/worlds/while-locked.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

/** Connections of a process beside those of ingest, as in the guide to production. */
const others = 7;

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
    await expect.poll(waiting, { timeout: 10_000, interval: 20 }).toBeGreaterThanOrEqual(others);
    const began = performance.now();
    const answers = [
      await service.post('/api/events', expenseEvent(), other.apiKey),
      await service.post('/api/events', expenseEvent(), service.tenant.apiKey),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(await waiting()).toBeGreaterThanOrEqual(others);
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

describe('writes of one person', () => {
  const path = '/api/smart-alerts/preferences';

  test('wait for their turn, two at a time, and leave the connections to others', async () => {
    const [token = '', other = ''] = await signIn();
    const person = { tenantId: service.tenant.tenantId, userId: 'u0' };
    const snooze = () => service.put(path, { criticalInterrupts: true }, token);
    const answers: Promise<Answer>[] = [];
    await whilePersonIsHeld(service.sql, person, async () => {
      answers.push(...Array.from({ length: 10 }, snooze));
      answers.push(service.put('/api/users/u0', { locale: 'de' }, service.tenant.adminKey));
      await expectWaiting(service.sql, 2);
      const refused = await Promise.all(answers.slice(2));
      expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 429));
      expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(refused.map(() => '1'));
      expect(refused[0]?.body).toMatchObject({
        title: 'Too Many Requests',
        detail: 'At most 2 changes of one person are made at a time.',
      });
      await expectWaiting(service.sql, 2);
      // Reads of the same person and writes of others need no turn of theirs.
      expect((await service.get(path, token)).status).toBe(200);
      expect((await service.put(path, { criticalInterrupts: true }, other)).status).toBe(200);
    });
    expect((await Promise.all(answers.slice(0, 2))).map(({ status }) => status)).toEqual([200, 200]);
    const after = await Promise.all(Array.from({ length: 10 }, snooze));
    expect(after.map(({ status }) => status)).toEqual(after.map(() => 200));
  });

  test('keep their turn when the caller leaves, for their work goes on', async () => {
    const [token = ''] = await signIn();
    const person = { tenantId: service.tenant.tenantId, userId: 'u0' };
    await whilePersonIsHeld(service.sql, person, async () => {
      const leaving = new AbortController();
      const put = () =>
        fetch(service.url + path, {
          method: 'PUT',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: '{}',
          signal: leaving.signal,
        });
      const left = Promise.allSettled([put(), put()]);
      await expectWaiting(service.sql, 2);
      leaving.abort();
      expect((await left).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect((await service.put(path, {}, token)).status).toBe(429);
      await expectWaiting(service.sql, 2);
    });
    await expect.poll(async () => (await service.put(path, {}, token)).status).toBe(200);
  });
});

/** Holds the lock on the person's row while `work` runs. */
const whilePersonIsHeld = (
  sql: TestService['sql'],
  { tenantId, userId }: { tenantId: string; userId: string },
  work: () => Promise<void>,
): Promise<void> =>
  sql.transaction().execute(async (holding) => {
    await statement`
      select from users where tenant_id = ${tenantId} and id = ${userId} for no key update`.execute(holding);
    await work();
  });
