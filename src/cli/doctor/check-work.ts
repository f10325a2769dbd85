/** Checks that work gets done: the scheduled jobs run, and no batch waits for long. */
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import { agreeOnClock } from '../../runtime/database/agree-on-clock.ts';
import { findOldestBatch } from '../../ingest/sql/find-oldest-batch.ts';
import { schedules } from '../../../jobs/index.ts';
import { findSlotsAhead } from '../../operate/job-runs.ts';
import { type LastEnd, listLastEnds } from '../../operate/overdue-jobs.ts';
import { listSetAside } from '../../accounts/set-aside.ts';
import { listTenants } from '../../accounts/tenants.ts';
import { type Check, check, ok, type Verdict, warn } from './check.ts';

const startClock = 'start a clock process and a worker: node src/main.ts clock, node src/main.ts worker';
const startWorker = 'start a worker process: node src/main.ts worker; its log says what holds it up';

const setClocks =
  'set the clocks of all machines by NTP. Those slots are ignored, and are not run again when their time comes';
const mendRows = 'see the worker’s log for the error of each, and mend their rows';

/** Uses the service's clock, which CLOCK_START may have shifted. */
export const checkWork = async (db: Database): Promise<Check[]> => [
  await check('scheduled jobs', startClock, async () => jobsVerdict(db, await serviceClock(db))),
  await check('slots', setClocks, async () => slotsVerdict(db, await serviceClock(db))),
  await check('waiting events', startWorker, async () => waitingVerdict(db, await serviceClock(db))),
  await check('set aside', mendRows, async () => setAsideVerdict(db, await serviceClock(db))),
];

const serviceClock = async (db: Database): Promise<Clock> => systemClock(await agreeOnClock(db.sql, null));

async function jobsVerdict(db: Database, clock: Clock): Promise<Verdict> {
  const jobs = await listLastEnds(db.sql, schedules, clock.now());
  const ended = jobs.flatMap(({ job, ended: end }) => (end ? [{ job, ...end }] : []));
  const [latest] = ended.toSorted((a, b) => Temporal.Instant.compare(b.at, a.at));
  if (!latest) return warn('none has run yet', startClock);
  const overdue = jobs.filter(({ isOverdue }) => isOverdue);
  if (overdue.length > 0) return warn(overdue.map((each) => shownRest(each, clock)).join(', '), startClock);
  const failed = ended.filter(({ status }) => status === 'failed').map(({ job }) => job);
  if (failed.length > 0)
    return warn(`the last run failed: ${failed.join(', ')}`, 'see why: npx spendwatch job list');
  return ok(`${latest.job} ran ${shownTime(secondsSince(latest.at, clock))} ago`);
}

const shownRest = ({ job, ended }: LastEnd, clock: Clock): string =>
  ended
    ? `no run of ${job} has ended for ${shownTime(secondsSince(ended.at, clock))}`
    : `no run of ${job} has ended yet`;

async function slotsVerdict(db: Database, clock: Clock): Promise<Verdict> {
  const ahead = await findSlotsAhead(db.sql, clock.now());
  if (ahead === null) return ok('none is later than now');
  const { jobs, latest } = ahead;
  return warn(`${jobs} jobs have slots up to ${latest.toString()}, later than now`, setClocks);
}

const waitsAtMostSeconds = 60;

async function waitingVerdict(db: Database, clock: Clock): Promise<Verdict> {
  const tenantIds = await listTenants(db.sql);
  const oldest = await db.transaction(tenantIds, (sql) => findOldestBatch(sql, tenantIds));
  if (oldest === null) return ok('none');
  const age = secondsSince(oldest, clock);
  const seen = `the oldest have waited for ${shownTime(age)}`;
  return age > waitsAtMostSeconds ? warn(seen, startWorker) : ok(seen);
}

/** People whose rows make a job fail, so that it leaves them out. */
async function setAsideVerdict(db: Database, clock: Clock): Promise<Verdict> {
  const tenantIds = await listTenants(db.sql);
  const found = await db.transaction(tenantIds, (sql) => listSetAside(sql, tenantIds, clock.now()));
  if (found.length === 0) return ok('nobody');
  const seen = found.map(({ job, people, error }) => `${people} by ${job} (${error})`);
  return warn(seen.join(', '), mendRows);
}

const secondsSince = (then: Temporal.Instant, clock: Clock): number =>
  Math.max(0, Math.round(clock.now().since(then).total('seconds')));

const steps = [
  ['days', 172_800, 86_400],
  ['hours', 7200, 3600],
  ['minutes', 120, 60],
] as const;

function shownTime(seconds: number): string {
  const step = steps.find(([, from]) => seconds >= from);
  return step ? `${Math.floor(seconds / step[2])} ${step[0]}` : `${seconds} seconds`;
}
