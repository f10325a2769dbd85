/**
 * A fortnight of digests with two clock processes, one of them 90 seconds ahead. Each is killed and replaced at random.
 * Every person gets one summary of each day and each week at their digest hour, with its figures.
 */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Random } from '../../../src/demo/made-up/random.ts';
import type { Person } from '../../support/worlds/person.ts';
import { killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';

const days = 14;
const firstDay = Temporal.PlainDate.from('2026-10-26');
/** The clocks of New York change within the fortnight; Kolkata has an offset of half an hour. */
const zones = ['UTC', 'America/New_York', 'Asia/Kolkata'] as const;
const seed = 'a fortnight of digests';

let world: NotificationWorld;
let folder: string;
/** Both clock processes; each is running or starting. */
let clocks: Promise<ServiceProcess>[];
const people = new Map<string, Person>();

beforeAll(async () => {
  world = await NotificationWorld.begin('2026-10-26T12:00:00Z', {
    env: { WORKERS: 'evaluate-alerts,notify,deliver' },
  });
  folder = await mkdtemp(join(tmpdir(), 'spendwatch-clock-'));
  await show(world.service.clock.now());
  for (const zone of zones) people.set(zone, await world.person({ timezone: zone }));
  for (const person of people.values()) {
    await twoDailyBudgets(person);
    await person.prefers({ digest: { weekly: true } });
  }
  clocks = [startClock(0), startClock(90)];
  await Promise.all(clocks);
});

afterAll(async () => {
  await Promise.all(clocks.map(async (clock) => killOutright(await clock, [])));
  await world.end();
  await rm(folder, { recursive: true });
});

test('each digest goes out once while clocks are killed and replaced', { timeout: 300_000 }, async () => {
  const random = new Random(seed);
  let killed = 0;
  for (let number = 0; number <= days; number += 1) {
    const day = firstDay.add({ days: number });
    for (const hour of listSteps(day)) {
      await stepTo(hour);
      if (random.chance(0.25)) {
        await replace(random.integer(0, 1));
        killed += 1;
        // Another process takes over a run of the dead one within a minute of the service's time.
        await stepTo(hour.add({ minutes: 20 }));
      }
      await everythingRan();
    }
    // Alerts capped on the last day would have no digest left to be in.
    if (number < days) for (const person of people.values()) await overrunBoth(person);
  }
  await everythingRan();
  expect(killed).toBeGreaterThan(10);
  for (const [zone, person] of people) expect(await readDigests(person)).toEqual(expectedDigests(zone));
});

test(
  'a summary whose process is killed half-way is finished once by another',
  { timeout: 120_000 },
  async () => {
    const day = firstDay.add({ days: days + 1 });
    for (const person of people.values()) await person.spend('5.00', { category: 'trains' });
    const before = new Map<Person, number>();
    for (const person of people.values()) before.set(person, (await readDigests(person)).length);
    await world.service.sql.transaction().execute(async (held) => {
      await statement`lock table daily_spending_summary in share mode`.execute(held);
      await stepTo(day.toZonedDateTime({ timeZone: 'America/New_York', plainTime: '08:30' }).toInstant());
      await waitForBlockedWriter();
      await Promise.all(clocks.map(async (clock) => killOutright(await clock, [])));
    });
    for (const [person, count] of before) expect(await readDigests(person)).toHaveLength(count);
    clocks = [startClock(0), startClock(90)];
    await Promise.all(clocks);
    await stepTo(world.service.clock.now().add({ minutes: 20 }));
    await everythingRan();
    for (const [person, count] of before) {
      const digests = await readDigests(person);
      expect(digests).toHaveLength(count + 1);
      expect(digests.at(-1)).toMatchObject({ day: day.toString(), total: '500', stored: '500' });
      expect(world.mailsTo(person).filter(({ subject }) => subject.includes(': $5.00'))).toHaveLength(1);
    }
  },
);

/** Resolves once a process waits in its transaction, with notifications written and not committed. */
async function waitForBlockedWriter(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await statement`
        select from pg_locks
        where relation = 'daily_spending_summary'::regclass and not granted`.execute(world.service.sql);
      expect(rows).not.toEqual([]);
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** The times of a day: each digest hour, three minutes before the first, and the hour of the spending at the end. */
function listSteps(day: Temporal.PlainDate): Temporal.Instant[] {
  const digests = zones.map((zone) =>
    day.toZonedDateTime({ timeZone: zone, plainTime: '08:30' }).toInstant(),
  );
  const [first, ...others] = digests.toSorted(Temporal.Instant.compare);
  const around = first ? [first.subtract({ minutes: 3 }), first, ...others] : [];
  const spending = day.toZonedDateTime({ timeZone: 'UTC', plainTime: '15:00' }).toInstant();
  return [...around, spending].toSorted(Temporal.Instant.compare);
}

/** A digest as it was sent and stored. `total`: in minor units. */
type Digest = { type: string; day: string; at: string; alerts: number; total: string; stored: string | null };

/** The digest of a day has its spending and its capped alerts; on Mondays there is one of the week too. */
const expectedDigests = (zone: string): Digest[] =>
  Array.from({ length: days }, (_, number) => firstDay.add({ days: number + 1 })).flatMap((day) => {
    const at = day.toZonedDateTime({ timeZone: zone, plainTime: '08:30' }).toInstant().toString();
    const of = { day: day.toString(), at };
    const daily = { ...of, type: 'daily_summary', alerts: 1, total: '2300', stored: '2300' };
    const weekly = { ...of, type: 'weekly_summary', alerts: 0, total: '16100', stored: '16100' };
    return day.dayOfWeek === 1 ? [daily, weekly] : [daily];
  });

/** `at`: rounded down to the clocks' step, because one clock is ahead. */
async function readDigests({ userId }: Person): Promise<Digest[]> {
  const { rows } = await statement<Digest>`
    select n.type, n.digest_day::text as day, n.created_at as at,
      jsonb_array_length(n.told -> 'alerts') as alerts, n.told -> 'figures' ->> 'totalMinor' as total,
      s.total_minor as stored
    from notification_history n
    left join daily_spending_summary s on s.tenant_id = n.tenant_id and s.user_id = n.user_id
      and s.date = (n.told ->> 'day')::date and n.type = case s.span when 'day' then 'daily_summary' else 'weekly_summary' end
    where n.user_id = ${userId} and n.digest_day is not null and n.status = 'sent'
    order by n.digest_day, n.type`.execute(world.service.sql);
  return rows.map(({ at, ...row }) => ({ ...row, at: wholeHalfHour(at) }));
}

const wholeHalfHour = (at: string): string =>
  Temporal.Instant.from(at)
    .round({ smallestUnit: 'minute', roundingIncrement: 30, roundingMode: 'floor' })
    .toString();

async function twoDailyBudgets(person: Person): Promise<void> {
  for (const category of ['food', 'books'])
    await person.watches('10.00', {
      period: 'daily',
      name: category,
      categoryId: category,
      thresholds: [{ percent: 100, severity: 'danger' }],
      channels: ['in-app', 'email'],
      maxNotificationsPerDay: 1,
      quietHours: { enabled: false, start: '20:00', end: '08:00', timezone: null },
    });
}

async function overrunBoth(person: Person): Promise<void> {
  await person.spend('11.00', { category: 'food' });
  await person.spend('12.00', { category: 'books' });
}

async function stepTo(at: Temporal.Instant): Promise<void> {
  world.service.clock.moveTo(at);
  await show(at);
}

/** Shows the time to the clock processes; the rename lets them read it only as a whole. */
async function show(at: Temporal.Instant): Promise<void> {
  await writeFile(join(folder, 'next'), at.toString());
  await rename(join(folder, 'next'), join(folder, 'now'));
}

async function startClock(seconds: number): Promise<ServiceProcess> {
  const settings = {
    ...world.mailSettings,
    DATABASE_URL: world.service.databaseUrl,
    JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
    WORKERS: 'run-job',
    SKEWED_CLOCK_FILE: join(folder, 'now'),
    SKEWED_CLOCK_SECONDS: String(seconds),
  };
  const clock = await ServiceProcess.start('worker', settings, {
    program: 'test/support/servers/skewed-clock.ts',
  });
  await clock.logged('started');
  return clock;
}

async function replace(which: number): Promise<void> {
  const doomed = await clocks[which];
  if (!doomed) throw new Error('there is no such clock');
  const { ending } = await killOutright(doomed, []);
  expect(ending.signal).toBe('SIGKILL');
  clocks[which] = startClock(which === 0 ? 0 : 90);
}

/** Waits for the run of this minute's slot, or of the next if the fast clock came first, and for every other run. */
async function everythingRan(): Promise<void> {
  const slot = world.service.clock.now().round({ smallestUnit: 'minute', roundingMode: 'floor' });
  await vi.waitFor(
    async () => {
      const { rows } = await statement<{ done: boolean }>`
        select exists (
          select from job_runs where job = 'daily-summary' and slot >= ${slot.toString()} and status = 'done'
        ) and not exists (
          select from job_runs where job in ('daily-summary', 'wake-deferred') and status in ('queued', 'running')
        ) as done`.execute(world.service.sql);
      expect(rows[0]?.done).toBe(true);
    },
    { timeout: 30_000, interval: 10 },
  );
  await world.service.settled();
}
