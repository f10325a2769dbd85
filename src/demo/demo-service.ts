/** The service the demo shows: all of it in this process, on a database of the replay's own and a stepped clock. */
import path from 'node:path';
import { schedules } from '../../jobs/index.ts';
import { SteppedClock } from '../runtime/clock.ts';
import { type Config, readConfig } from '../runtime/config/config.ts';
import { createStderrLog } from '../runtime/log.ts';
import { type Running, start } from '../processes.ts';
import { Scheduler } from '../operate/scheduler.ts';
import { openServices, type Services } from '../services.ts';
import { type DemoTenant, openOperatorPassword, openQueuePrefix, openTenant } from './credentials.ts';
import { freePort } from './free-port.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { takeUpClock } from './go-on.ts';
import type { Replay } from './replay.ts';

export type DemoService = {
  services: Services;
  clock: SteppedClock;
  /** While the clock steps. */
  replayScheduler: Scheduler;
  /** While it runs. */
  scheduler: Scheduler;
  tenant: DemoTenant;
  /** Where the mails of the replay's people arrive. */
  mailbox: Mailbox;
  url: string;
  operator: { user: string; password: string };
  stop: Running['stop'];
};

/** Where the database of a replay lies, and what the demo writes beside it. */
export const folderOf = (replay: Pick<Replay, 'key'>): string =>
  path.resolve(readDemoConfig({}).dataDir, 'demo', replay.key);

/** Each step of a replay waits until nothing is unfinished: looking for what was left so would find nothing. */
const replayJobs = schedules.filter(({ name }) => name !== 'sweep-pending');

/**
 * No scheduled job runs by itself: the demo ticks the scheduler as its clock steps. The clock starts with
 * the live month or, where the replay has been here before, where it stood then.
 */
export async function startDemo(
  replay: Replay,
  askedPort: number | undefined,
  signal: AbortSignal,
): Promise<DemoService> {
  await using opened = new AsyncDisposableStack();
  const mailbox = opened.adopt(await openMailbox(path.join(folderOf(replay), 'mails')), (each) =>
    each.close(),
  );
  const config = await configOf(replay, askedPort, mailbox);
  const clock = new SteppedClock(replay.start);
  const queuePrefix = await openQueuePrefix(config.dataDir);
  const log = createStderrLog(config.logLevel, () => signal.aborted);
  const services = opened.adopt(await openServices(config, { clock, log, queuePrefix }), (each) =>
    each.close(),
  );
  // A ring that is lost is not made up for here, so the replay would wait for it in vain.
  await services.backend.ping();
  const tenant = await openTenant(services, replay.tenant);
  await takeUpClock(services.db, clock, tenant.tenantId);
  const { url } = opened.adopt(await start(services, ['web', 'worker']), (running) => running.stop());
  const scheduler = new Scheduler({ ...services, jobs: schedules });
  const replayScheduler = new Scheduler({ ...services, jobs: replayJobs });
  const { operator } = config;
  if (url === null || operator === null) throw new Error('the demo serves, with an operator');
  const running = opened.move();
  const stop = () => running.disposeAsync();
  return { services, clock, replayScheduler, scheduler, tenant, mailbox, url, operator, stop };
}

async function configOf(replay: Replay, askedPort: number | undefined, mailbox: Mailbox): Promise<Config> {
  const dataDir = folderOf(replay);
  const password = await openOperatorPassword(dataDir);
  const read = readDemoConfig({
    OPERATOR_USER: 'operator',
    OPERATOR_PASSWORD: password,
    SMTP_URL: mailbox.url,
    MAIL_FROM: 'Spendwatch <alerts@spendwatch.example>',
  });
  const port = await freePort(read.host, askedPort, read.port);
  if (askedPort === undefined && port !== read.port)
    process.stderr.write(`Port ${read.port} is taken: another one is used.\n`);
  return { ...read, dataDir, port, publicUrl: `http://${read.host}:${port}` };
}

/**
 * Of the environment, only where to listen, where to keep data, where the queues are, and how much to log: the
 * rest is the demo's own.
 */
function readDemoConfig(own: Record<string, string>): Config {
  const { HOST, PORT, DATA_DIR, REDIS_URL, LOG_LEVEL = 'warn' } = process.env;
  return readConfig({ HOST, PORT, DATA_DIR, REDIS_URL, LOG_LEVEL, ...own });
}
