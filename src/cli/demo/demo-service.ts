/** The service the demo shows: all of it in this process, on a database of the replay's own and a stepped clock. */
import path from 'node:path';
import { schedules } from '../../../jobs/index.ts';
import { SteppedClock } from '../../clock.ts';
import { type Config, readConfig } from '../../config.ts';
import { createStderrLog } from '../../log.ts';
import { type Running, start } from '../../processes.ts';
import { Scheduler } from '../../scheduler.ts';
import { openServices, type Services } from '../../services.ts';
import { type DemoTenant, openOperatorPassword, openTenant } from './credentials.ts';
import { freePort } from './free-port.ts';
import type { Replay } from './replay.ts';

export type DemoService = {
  services: Services;
  clock: SteppedClock;
  /** While the clock steps. */
  replayScheduler: Scheduler;
  /** While it runs. */
  scheduler: Scheduler;
  tenant: DemoTenant;
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
 * the live month; where the replay has been here before, `goOn` moves it on.
 */
export async function startDemo(replay: Replay, askedPort: number | undefined): Promise<DemoService> {
  const dataDir = folderOf(replay);
  const password = await openOperatorPassword(dataDir);
  const read = readDemoConfig({ OPERATOR_USER: 'operator', OPERATOR_PASSWORD: password });
  const config = { ...read, dataDir, port: await freePort(read.host, askedPort, read.port) };
  if (askedPort === undefined && config.port !== read.port)
    process.stderr.write(`Port ${read.port} is taken: another one is used.\n`);
  const clock = new SteppedClock(replay.start);
  const services = await openServices(config, { clock, log: createStderrLog(config.logLevel) });
  const running = await start(services, ['web', 'worker']);
  try {
    const tenant = await openTenant(services, replay.tenant);
    const scheduler = new Scheduler({ ...services, jobs: schedules });
    const replayScheduler = new Scheduler({ ...services, jobs: replayJobs });
    const { operator } = config;
    if (running.url === null || operator === null) throw new Error('the demo serves, with an operator');
    return {
      services,
      clock,
      replayScheduler,
      scheduler,
      tenant,
      url: running.url,
      operator,
      stop: running.stop,
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** Of the environment, only where to listen, where to keep data, and how much to log: the rest is the demo's own. */
function readDemoConfig(own: Record<string, string>): Config {
  const { HOST, PORT, DATA_DIR, LOG_LEVEL = 'warn' } = process.env;
  return readConfig({ HOST, PORT, DATA_DIR, LOG_LEVEL, ...own });
}
