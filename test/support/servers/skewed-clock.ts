/**
 * A program: a clock and the worker of its jobs, with the time of `SKEWED_CLOCK_FILE` plus `SKEWED_CLOCK_SECONDS`. It
 * ticks every 20 ms, because its time stands still between two steps. All other settings are the service's.
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
