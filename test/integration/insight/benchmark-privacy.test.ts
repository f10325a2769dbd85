/**
 * k-anonymity of benchmarks: two publications never show what a single person did between them. Beside each
 * attack by difference there is a change of ten people, which is published.
 */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CohortWorld, october, spenders } from '../../support/worlds/cohort-world.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const { db } = await databaseOfFile();

const world = (options = {}) => CohortWorld.make(db, options);

/** A world with a published benchmark of twelve people or of `count`. */
async function published(count = 12): Promise<CohortWorld> {
  const made = await world();
  await made.spend(...spenders(count));
  expect(await made.compute()).toBe(1);
  return made;
}

/** True if a run of the job changes nothing of the benchmark. */
async function isUnchanged(made: CohortWorld, key = 'food'): Promise<boolean> {
  const before = [await made.benchmark(key), await made.people(key)];
  await made.compute(october, Temporal.Instant.from('2026-11-05T00:00:00Z'));
  return isDeepStrictEqual([await made.benchmark(key), await made.people(key)], before);
}

const more = (count: number, from = 1) => spenders(count + from - 1, () => 77_777n).slice(from - 1);

describe('a published benchmark', () => {
  test('stays as it is when nine people spend more, and changes when ten do', async () => {
    const made = await published();
    await made.spend(...more(9));
    expect(await isUnchanged(made)).toBe(true);
    await made.spend(...more(1, 10));
    expect(await made.compute()).toBe(1);
    expect((await made.people()).filter(({ spent_minor }) => Number(spent_minor) > 77_777)).toHaveLength(10);
  });

  test('stays as it is when nine people join, even past twenty, and changes when ten do', async () => {
    const made = await published();
    await made.spend(...spenders(21).slice(12));
    expect(await isUnchanged(made)).toBe(true);
    await made.spend(...spenders(22).slice(21));
    expect(await made.compute()).toBe(1);
    expect((await made.benchmark()).cohort_size).toBe(22);
  });

  test('stays as it is when nine people withdraw their consent, and changes when ten do', async () => {
    const made = await published(22);
    for (const { userId } of spenders(9)) await made.consents(userId, false);
    expect(await isUnchanged(made)).toBe(true);
    await made.consents('p10', false);
    expect(await made.compute()).toBe(1);
    expect((await made.people()).map(({ user_id }) => user_id)).toEqual(
      spenders(22)
        .slice(10)
        .map(({ userId }) => userId),
    );
  });

  test('stays as it is when one person leaves and returns, or gets a refund', async () => {
    const made = await published();
    for (const consent of [false, true]) {
      await made.consents('p03', consent);
      expect(await isUnchanged(made)).toBe(true);
    }
    await made.spend({ userId: 'p04', minor: -4000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('stays as it is when twelve people change by a cent and one person by more', async () => {
    const made = await published(20);
    await made.spend(...spenders(20, () => 1n).slice(8), { userId: 'p01', minor: 50_000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('stays as it is when the cohort shrinks below ten, and limits the next publication', async () => {
    const made = await published(14);
    for (const { userId } of spenders(11)) await made.consents(userId, false);
    expect(await isUnchanged(made)).toBe(true);
    for (const { userId } of spenders(14)) await made.consents(userId, false);
    expect(await isUnchanged(made)).toBe(true);
    for (const { userId } of spenders(14)) await made.consents(userId, true);
    await made.spend({ userId: 'p15', minor: 5000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('stays as it is when the tenant’s currency changes', async () => {
    const made = await published();
    await made.rate(october, 'USD', 'EUR', '0.5');
    await made.keepsIn('EUR');
    await made.spend({ userId: 'p01', minor: 10_000n });
    expect(await isUnchanged(made)).toBe(true);
  });
});

describe('a publication', () => {
  test('is not returned to an earlier cohort, where the difference would show one person’s change', async () => {
    const made = await published(30);
    for (const { userId } of spenders(10)) await made.consents(userId, false);
    expect(await made.compute()).toBe(1);
    for (const { userId } of spenders(10)) await made.consents(userId, true);
    await made.spend({ userId: 'p30', minor: 50_000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('follows ten people who change again and again, but not back to figures published before', async () => {
    const made = await published();
    for (let round = 0; round < 3; round += 1) {
      await made.spend(...more(10));
      expect(await made.compute()).toBe(1);
    }
    await made.spend(...spenders(10, () => -77_777n));
    expect(await isUnchanged(made)).toBe(true);
  });

  test('shows once that ten people left, not a second time and not if they had joined later', async () => {
    const made = await published(20);
    const ten = spenders(30).slice(20);
    const consent = (given: boolean) => Promise.all(ten.map(({ userId }) => made.consents(userId, given)));
    await made.spend(...ten);
    expect(await made.compute()).toBe(1);
    await consent(false);
    expect(await isUnchanged(made)).toBe(true);

    const others = spenders(10);
    for (const { userId } of others) await made.consents(userId, false);
    expect(await made.compute()).toBe(1);
    for (const { userId } of others) await made.consents(userId, true);
    await made.spend(...others.map((each) => ({ ...each, minor: 99_000n })));
    expect(await made.compute()).toBe(1);
    for (const { userId } of others) await made.consents(userId, false);
    expect(await isUnchanged(made)).toBe(true);
  });

  test('is independent of publications of the same people under another key', async () => {
    const made = await published();
    const rent = (minor: bigint, count = 12) =>
      made.spend(...spenders(count, () => minor).map((each) => ({ ...each, category: 'rent' })));
    await rent(50_000n);
    expect(await made.compute()).toBe(1);
    const before = await made.people('rent');
    await made.spend(...more(10));
    expect(await made.compute()).toBe(1);
    expect([await made.people('rent'), before.length]).toEqual([before, 12]);

    await rent(9000n, 10);
    expect(await made.compute()).toBe(1);
    await made.spend(...spenders(10, () => -77_777n));
    expect(await isUnchanged(made)).toBe(true);
  });

  test('for a cohort below ten keeps no ranks of people, and is deleted with its last member', async () => {
    const made = await world();
    await made.spend(...spenders(9));
    expect(await made.compute()).toBe(1);
    expect([(await made.benchmark()).cohort_size, await made.people()]).toEqual([9, []]);
    await made.consents('p01', false);
    expect(await made.compute()).toBe(1);
    expect((await made.benchmark()).cohort_size).toBe(8);
    for (const { userId } of spenders(9)) await made.consents(userId, false);
    await made.compute();
    expect(await made.benchmarks()).toEqual([]);
  });
});

describe('categories that share a benchmark key', () => {
  test('are not published together when they add one person to a published category', async () => {
    const made = await published();
    await made.spend({ userId: 'p13', minor: 5000n, category: 'snacks' });
    await made.counts('food', 'eating');
    await made.counts('snacks', 'eating');
    expect(await made.compute()).toBe(0);
    expect((await made.benchmarks()).map(({ benchmark_key }) => benchmark_key)).toEqual(['food']);
  });

  const snacks = (count: number, minor = 900_000n) =>
    spenders(count, () => minor).map((each) => ({ ...each, category: 'snacks' }));

  test('are published when they add ten people and the published category keeps its key', async () => {
    const made = await published();
    await made.spend(...snacks(9));
    await made.counts('snacks', 'food');
    expect(await isUnchanged(made)).toBe(true);
    await made.spend(...snacks(10).slice(9));
    expect(await made.compute()).toBe(1);
    expect((await made.benchmark()).mean).toBe('756500.00000000000000000000');
  });

  test('are not published beside one of them, because the difference would be the other', async () => {
    const made = await published();
    await made.spend(...snacks(12));
    await made.counts('food', 'eating');
    await made.counts('snacks', 'eating');
    expect(await made.compute()).toBe(0);
  });

  test('are not published one by one after they were published together', async () => {
    const made = await world();
    await made.spend(...spenders(30), ...snacks(30, 5000n));
    await made.counts('snacks', 'food');
    expect(await made.compute()).toBe(1);
    await made.spend({ userId: 'p07', minor: -3000n, category: 'snacks' });
    await made.counts('snacks', null);
    expect(await isUnchanged(made)).toBe(true);
    expect(await made.benchmarks()).toHaveLength(1);
  });

  test('are not published without one person when another category takes over the old key', async () => {
    const made = await published();
    await made.spend(...snacks(12));
    await made.counts('food', 'eating');
    await made.counts('snacks', 'food');
    await made.consents('p12', false);
    for (let night = 0; night < 3; night += 1) expect(await isUnchanged(made)).toBe(true);
    expect(await made.benchmarks()).toHaveLength(1);
  });

  test('are published with the same figures when they move to another key', async () => {
    const made = await published();
    await made.counts('food', 'eating');
    expect(await made.compute()).toBe(1);
    const [{ updated_at: _, ...named }, { updated_at: __, ...renamed }] = [
      await made.benchmark('food'),
      await made.benchmark('eating'),
    ];
    expect(renamed).toEqual({ ...named, benchmark_key: 'eating' });
    await made.spend({ userId: 'p01', minor: 50_000n });
    expect(await isUnchanged(made, 'eating')).toBe(true);
  });

  test('are not published under a third key with the change of one person', async () => {
    const made = await published();
    await made.counts('food', 'eating');
    await made.compute();
    await made.spend({ userId: 'p01', minor: 50_000n });
    await made.counts('food', 'third');
    expect(await made.compute()).toBe(0);
  });
});
