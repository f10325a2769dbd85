/**
 * A program: a clock and the worker of its jobs, whose time is what a file says and so many seconds more. It
 * looks for what is due without rest, as its time stands still between two steps. `SKEWED_CLOCK_FILE` and
 * `SKEWED_CLOCK_SECONDS`; the rest is the service's own settings.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { schedules } from '../../../jobs/index.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import { readConfig } from '../../../src/runtime/config/config.ts';
import { start } from '../../../src/processes.ts';
import { Scheduler } from '../../../src/operate/scheduler.ts';
import { openServices } from '../../../src/services.ts';

const { SKEWED_CLOCK_FILE: file = '', SKEWED_CLOCK_SECONDS: seconds = '0' } = process.env;

const clock: Clock = {
  now: () => Temporal.Instant.from(readFileSync(file, 'utf8')).add({ seconds: Number(seconds) }),
};
const services = await openServices(readConfig(process.env), { clock });
await start(services, ['worker']);
const scheduler = new Scheduler({ ...services, jobs: schedules });
services.log.info('started');
for (;;) {
  await scheduler.tick();
  await delay(20);
}
