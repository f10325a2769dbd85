/**
 * What one person did between two publications cannot be told from them, whatever happens in between: attacks
 * by asking before and after, each beside what is published as it should be.
 */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CohortWorld, october, spenders } from '../../support/worlds/cohort-world.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const { db } = await databaseOfFile();

const world = (options = {}) => CohortWorld.make(db, options);

/** Twelve people, published. */
async function published(count = 12): Promise<CohortWorld> {
  const made = await world();
  await made.spend(...spenders(count));
  expect(await made.compute()).toBe(1);
  return made;
}

/** Whether nothing of it moves when the job runs. */
async function isUnchanged(made: CohortWorld, key = 'food'): Promise<boolean> {
  const before = [await made.benchmark(key), await made.people(key)];
  await made.compute(october, Temporal.Instant.from('2026-11-05T00:00:00Z'));
  return isDeepStrictEqual([await made.benchmark(key), await made.people(key)], before);
}

const more = (count: number, from = 1) => spenders(count + from - 1, () => 77_777n).slice(from - 1);

describe('what is published stays as it is', () => {
  test('where nine people spent more, and not where ten did', async () => {
    const made = await published();
    await made.spend(...more(9));
    expect(await isUnchanged(made)).toBe(true);
    await made.spend(...more(1, 10));
    expect(await made.compute()).toBe(1);
    expect((await made.people()).filter(({ spent_minor }) => Number(spent_minor) > 77_777)).toHaveLength(10);
  });

  test('where nine people joined, also past twenty, and not where ten did', async () => {
    const made = await published();
    await made.spend(...spenders(21).slice(12));
    expect(await isUnchanged(made)).toBe(true);
    await made.spend(...spenders(22).slice(21));
    expect(await made.compute()).toBe(1);
    expect((await made.benchmark()).cohort_size).toBe(22);
  });

  test('where nine people took back their consent, and not where ten did', async () => {
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

  test('where somebody goes and comes back, with a refund and without', async () => {
    const made = await published();
    for (const consent of [false, true]) {
      await made.consents('p03', consent);
      expect(await isUnchanged(made)).toBe(true);
    }
    await made.spend({ userId: 'p04', minor: -4000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('where all that ten people changed is cents, and one changed more', async () => {
    const made = await published(20);
    await made.spend(...spenders(20, () => 1n).slice(8), { userId: 'p01', minor: 50_000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('where the cohort shrinks below ten, so that the next is not free of it', async () => {
    const made = await published(14);
    for (const { userId } of spenders(11)) await made.consents(userId, false);
    expect(await isUnchanged(made)).toBe(true);
    for (const { userId } of spenders(14)) await made.consents(userId, false);
    expect(await isUnchanged(made)).toBe(true);
    for (const { userId } of spenders(14)) await made.consents(userId, true);
    await made.spend({ userId: 'p15', minor: 5000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('where the tenant’s currency becomes another', async () => {
    const made = await published();
    await made.rate(october, 'USD', 'EUR', '0.5');
    await made.keepsIn('EUR');
    await made.spend({ userId: 'p01', minor: 10_000n });
    expect(await isUnchanged(made)).toBe(true);
  });
});

describe('a publication', () => {
  test('cannot be taken back, to tell one person’s change from the one before', async () => {
    const made = await published(30);
    for (const { userId } of spenders(10)) await made.consents(userId, false);
    expect(await made.compute()).toBe(1);
    for (const { userId } of spenders(10)) await made.consents(userId, true);
    await made.spend({ userId: 'p30', minor: 50_000n });
    expect(await isUnchanged(made)).toBe(true);
  });

  test('tells of people who change again and again where they bring other figures', async () => {
    const made = await published();
    for (let round = 0; round < 3; round += 1) {
      await made.spend(...more(10));
      expect(await made.compute()).toBe(1);
    }
    await made.spend(...spenders(10, () => -77_777n));
    expect(await isUnchanged(made)).toBe(true);
  });

  test('tells once that people went: not when they go again, nor when they had come later', async () => {
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

  test('of the same people under another key changes nothing of it, nor of what was told', async () => {
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

  test('of a cohort below ten holds nobody, and goes with its last', async () => {
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

describe('categories that are compared as one', () => {
  test('are not published with one person more than one of them was', async () => {
    const made = await published();
    await made.spend({ userId: 'p13', minor: 5000n, category: 'snacks' });
    await made.counts('food', 'eating');
    await made.counts('snacks', 'eating');
    expect(await made.compute()).toBe(0);
    expect((await made.benchmarks()).map(({ benchmark_key }) => benchmark_key)).toEqual(['food']);
  });

  const snacks = (count: number, minor = 900_000n) =>
    spenders(count, () => minor).map((each) => ({ ...each, category: 'snacks' }));

  test('are published with ten more where the one that was keeps its key', async () => {
    const made = await published();
    await made.spend(...snacks(9));
    await made.counts('snacks', 'food');
    expect(await isUnchanged(made)).toBe(true);
    await made.spend(...snacks(10).slice(9));
    expect(await made.compute()).toBe(1);
    expect((await made.benchmark()).mean).toBe('756500.00000000000000000000');
  });

  test('are not published beside one of them, which the other would be the difference to', async () => {
    const made = await published();
    await made.spend(...snacks(12));
    await made.counts('food', 'eating');
    await made.counts('snacks', 'eating');
    expect(await made.compute()).toBe(0);
  });

  test('are not published one by one where they were published together', async () => {
    const made = await world();
    await made.spend(...spenders(30), ...snacks(30, 5000n));
    await made.counts('snacks', 'food');
    expect(await made.compute()).toBe(1);
    await made.spend({ userId: 'p07', minor: -3000n, category: 'snacks' });
    await made.counts('snacks', null);
    expect(await isUnchanged(made)).toBe(true);
    expect(await made.benchmarks()).toHaveLength(1);
  });

  test('are not published without one person after another took the name they had', async () => {
    const made = await published();
    await made.spend(...snacks(12));
    await made.counts('food', 'eating');
    await made.counts('snacks', 'food');
    await made.consents('p12', false);
    for (let night = 0; night < 3; night += 1) expect(await isUnchanged(made)).toBe(true);
    expect(await made.benchmarks()).toHaveLength(1);
  });

  test('are published as they were under another key', async () => {
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

  test('are not published after one went on to a third, with one person’s change', async () => {
    const made = await published();
    await made.counts('food', 'eating');
    await made.compute();
    await made.spend({ userId: 'p01', minor: 50_000n });
    await made.counts('food', 'third');
    expect(await made.compute()).toBe(0);
  });
});
