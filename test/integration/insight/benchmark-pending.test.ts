/** Pending expenses make no benchmark, in the tenant's currency and in others. */
import { sql as statement } from 'kysely';
import { expect, test } from 'vitest';
import { CohortWorld, october } from '../../support/worlds/cohort-world.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const { db, sql: owner } = await databaseOfFile();

/** Makes the expenses of this amount pending. */
const pend = (tenantId: string, minor: bigint) =>
  statement`update expenses set status = 'pending' where tenant_id = ${tenantId} and amount_minor = ${minor}`.execute(
    owner,
  );

const peopleOf = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

test('pending expenses are left out of everybody’s month, and a person with nothing else with them', async () => {
  const world = await CohortWorld.make(db);
  await world.rate(october, 'USD', 'EUR', '0.5');
  await world.spend(
    ...peopleOf(12).map((userId) => ({ userId, minor: 1000n })),
    { userId: 'p0', minor: 7n },
    { userId: 'p1', minor: 11n, currency: 'EUR' },
    { userId: 'p2', minor: 300n, currency: 'EUR' },
    { userId: 'nobody', minor: 7n },
    { userId: 'p3', minor: 7n, day: '2026-11-01' },
  );
  await pend(world.tenantId, 7n);
  await pend(world.tenantId, 11n);
  await world.compute();
  const { cohort_size, mean } = await world.benchmark();
  expect([cohort_size, Number(mean) * 12]).toEqual([12, 12 * 1000 + 600]);
});

test('the same expenses count once they are posted', async () => {
  const world = await CohortWorld.make(db);
  await world.spend(...peopleOf(12).map((userId) => ({ userId, minor: 1000n })), {
    userId: 'nobody',
    minor: 7n,
  });
  await world.compute();
  expect(await world.benchmark()).toMatchObject({ cohort_size: 13 });
});
