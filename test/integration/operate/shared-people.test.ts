/** Jobs that work through people wait for none of them, so that several runs share the work. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dailySummary } from '../../../jobs/daily-summary.ts';
import { endCooldowns } from '../../../jobs/end-cooldowns.ts';
import { evaluatePeriods } from '../../../jobs/evaluate-periods.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { startService } from '../../support/servers/service.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import { expectWaiting } from '../../support/worlds/while-locked.ts';
import type { Person } from '../../support/worlds/person.ts';

let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-10T21:00:00Z', { queuePrefix: 'shared' });
});
afterAll(() => world.end());

const context = { log: createLog('silent'), signal: undefined };

const statusOf = async (person: Person): Promise<string | undefined> =>
  (await person.notifications())[0]?.status;

/** Keeps the people's rows locked while `work` runs. */
const holding = (people: readonly Person[], work: () => Promise<void>) =>
  world.service.sql.transaction().execute(async (sql) => {
    const ids = people.map(({ userId }) => userId);
    await statement`select from users where id = any(${ids}) for no key update`.execute(sql);
    await work();
  });

const overrun = async (): Promise<Person> => {
  const person = await world.person();
  await person.budget('10.00', {
    thresholds: [{ percent: 100, severity: 'danger' }],
    channels: ['in-app', 'email'],
  });
  await person.spend('12.00');
  return person;
};

test('whoever another transaction holds is released by the next run, and keeps nobody else waiting', async () => {
  const [free, held, other] = [await overrun(), await overrun(), await overrun()];
  await holding([held], async () => {
    await world.comes('08:00');
    expect(await Promise.all([free, held, other].map(statusOf))).toEqual(['sent', 'deferred', 'sent']);
  });
  await world.comes('08:01');
  expect(await statusOf(held)).toBe('sent');
  expect(world.mailsTo(held)).toHaveLength(1);
});

test('a run ends when others hold everybody who is due, in each of the jobs that go through people', async () => {
  const people = [await overrun(), await overrun()];
  const { services, sql, clock } = world.service;
  const past = clock.now().subtract({ minutes: 1 }).toString();
  const ids = people.map(({ userId }) => userId);
  await statement`update users set digest_due_at = 'infinity'`.execute(sql);
  await statement`update users set digest_due_at = ${past} where id = any(${ids})`.execute(sql);
  await statement`update smart_alert_rules set next_period_at = 'infinity' where not user_id = any(${ids})`.execute(
    sql,
  );
  await statement`update smart_alert_rules set next_period_at = ${past} where user_id = any(${ids})`.execute(
    sql,
  );
  await statement`
    update alert_states set renotify_at = ${past}
    where rule_id in (select id from smart_alert_rules where user_id = any(${ids}))`.execute(sql);
  const runAll = async () => {
    const outcomes = [];
    for (const job of [dailySummary, evaluatePeriods, endCooldowns])
      outcomes.push(await job.run(clock.now(), services, context));
    return outcomes.map((outcome) => ('detail' in outcome ? outcome.detail : outcome.kind));
  };
  await holding(people, async () => {
    expect(await runAll()).toEqual([
      'digests were due for 0 people',
      '0 periods opened',
      '0 cooldowns ended',
    ]);
  });
  expect(await runAll()).toEqual(['digests were due for 2 people', '2 periods opened', '2 cooldowns ended']);
});

test('two runs side by side share three hundred people, where each would go through all of them', async () => {
  // Without workers, so that nobody else waits for a lock.
  await using idle = await startIdle();
  const { services, sql, clock, tenant } = idle;
  const past = clock.now().subtract({ minutes: 1 }).toString();
  await statement`
    insert into users (tenant_id, id, registered_at, digest_due_at)
    select ${tenant.tenantId}, 'many-' || n, ${past}, ${past} from generate_series(1, 300) as n`.execute(sql);
  const run = () => dailySummary.run(clock.now(), services, context);
  const { both } = await sql.transaction().execute(async (holder) => {
    // Each run locks its portion, and then waits here.
    await statement`lock table notification_history in exclusive mode`.execute(holder);
    const first = run();
    await expectWaiting(sql, 1);
    const second = run();
    await expectWaiting(sql, 2);
    return { both: Promise.all([first, second]) };
  });
  const outcomes = await both;
  const counts = outcomes.map((outcome) =>
    Number(/\d+/.exec('detail' in outcome ? (outcome.detail ?? '') : '')?.[0]),
  );
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(100);
  const looks = counts.reduce((sum, count) => sum + count, 0);
  expect(looks).toBeGreaterThanOrEqual(300);
  // The first two portions differ, as both runs hold theirs at once. A portion that the other run ends between the
  // search and the lock is looked at by both, so each may look at two more at most before nobody is due.
  expect(looks).toBeLessThanOrEqual(500);
  const due = statement<{
    id: string;
  }>`select id from users where digest_due_at <= ${clock.now().toString()}`;
  expect((await due.execute(sql)).rows).toEqual([]);
});

async function startIdle() {
  const service = await startService({ roles: [] });
  return { ...service, [Symbol.asyncDispose]: () => service.stop() };
}
