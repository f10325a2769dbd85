/** The service of the demo: it runs in this process, on the replay's own database and a stepped clock. */
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
import { MailIndex } from './mail-index.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { takeUpClock } from './go-on.ts';
import { nameFinder, type Replay } from './replay.ts';

export type DemoService = {
  services: Services;
  clock: SteppedClock;
  /** The scheduler while the clock steps. */
  replayScheduler: Scheduler;
  /** The scheduler while the clock runs. */
  scheduler: Scheduler;
  tenant: DemoTenant;
  /** Receives the mails of the replay's people. */
  mailbox: Mailbox;
  /** The page that lists them. */
  mailIndex: MailIndex;
  url: string;
  operator: { user: string; password: string };
  stop: Running['stop'];
};

/** The folder of a replay's database, and of the demo's files beside it. */
export const folderOf = (replay: Pick<Replay, 'key'>): string =>
  path.resolve(readDemoConfig({}).dataDir, 'demo', replay.key);

/** The sweep is left out: each step of a replay waits until nothing is unfinished, so it would find nothing. */
const replayJobs = schedules.filter(({ name }) => name !== 'sweep-pending');

/**
 * Starts the service without a running scheduler; the demo ticks it as its clock steps. The clock starts with the
 * live month, or at its last time if the replay ran before.
 */
export async function startDemo(
  replay: Replay,
  askedPort: number | undefined,
  signal: AbortSignal,
): Promise<DemoService> {
  await using opened = new AsyncDisposableStack();
  const clock = new SteppedClock(replay.start);
  const surroundings = { clock, nameOf: nameFinder(replay), timeZone: replay.tenant.timezone };
  const mails = path.join(folderOf(replay), 'mails');
  const mailIndex = opened.adopt(await MailIndex.open(mails, surroundings), (each) => each.written());
  const mailbox = opened.adopt(await openMailbox(mails, (mail) => mailIndex.add(mail)), (each) =>
    each.close(),
  );
  const config = await configOf(replay, askedPort, mailbox);
  const queuePrefix = await openQueuePrefix(config.dataDir);
  const log = createStderrLog(config.logLevel, () => signal.aborted);
  const services = opened.adopt(await openServices(config, { clock, log, queuePrefix }), (each) =>
    each.close(),
  );
  // No sweep runs here, so the replay would wait for a lost queue signal in vain.
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
  return { services, clock, replayScheduler, scheduler, tenant, mailbox, mailIndex, url, operator, stop };
}

async function configOf(replay: Replay, askedPort: number | undefined, mailbox: Mailbox): Promise<Config> {
  const dataDir = folderOf(replay);
  const password = await openOperatorPassword(dataDir);
  const read = readDemoConfig({
    OPERATOR_USER: 'operator',
    OPERATOR_PASSWORD: password,
    SMTP_URL: mailbox.url,
    MAIL_FROM: 'Spendwatch <alerts@spendwatch.example>',
    // Shorter than the time between most expenses, so that the next step of the clock ends the wait.
    GROUP_WAIT_SECONDS: '5',
  });
  const port = await freePort(read.host, askedPort, read.port);
  if (askedPort === undefined && port !== read.port)
    process.stderr.write(`Port ${read.port} is taken: another one is used.\n`);
  return { ...read, dataDir, port, publicUrl: `http://${read.host}:${port}` };
}

/**
 * Reads only five settings from the environment: where to listen, the data folder, Redis and the log level. The demo
 * sets the rest.
 */
function readDemoConfig(own: Record<string, string>): Config {
  const { HOST, PORT, DATA_DIR, REDIS_URL, LOG_LEVEL = 'warn' } = process.env;
  return readConfig({ HOST, PORT, DATA_DIR, REDIS_URL, LOG_LEVEL, ...own });
}
