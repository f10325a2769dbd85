/** A process of the service: `node src/main.ts all`, or any of web, worker and clock. */
import { randomBytes } from 'node:crypto';
import { onClosedOutput } from './runtime/closed-output.ts';
import { type Config, findMisspelt, readConfig, SettingError } from './runtime/config/config.ts';
import { knownFailureOf } from './runtime/failure.ts';
import { createServiceLog, type Log } from './runtime/log.ts';
import { type Role, roles, type Running, start } from './processes.ts';
import { openServices } from './services.ts';

/** Under `npm start` an operator can sign in without having set anything, but never in production. */
function withOperator(config: Config): Config {
  if (config.operator || config.isProduction) return config;
  return { ...config, operator: { user: 'operator', password: randomBytes(12).toString('base64url') } };
}

/** For whoever started it at a terminal, where the log says it among much else. */
function greet(url: string, { operator }: Config, isPasswordMade: boolean): void {
  const lines = [`Spendwatch: ${url} (API reference: ${url}/docs)`];
  const password = isPasswordMade ? `${operator?.password}, until it is stopped` : 'as set';
  if (operator) lines.push(`Bull Board: ${url}/admin/queues (user ${operator.user}, password ${password})`);
  process.stderr.write(`${lines.join('\n')}\n`);
}

function readRoles(args: readonly string[]): readonly Role[] {
  const asked = roles.filter((role) => args.includes(role));
  if (args.includes('all')) return roles;
  if (asked.length > 0 && asked.length === args.length) return asked;
  throw new SettingError(`say what to run: all, or any of ${roles.join(', ')}`);
}

/** Processes and the release's migrations may start side by side. */
const migrationsPatienceMs = 5 * 60_000;

async function run(): Promise<void> {
  const asked = readRoles(process.argv.slice(2));
  const read = readConfig(process.env);
  const config = asked.includes('web') ? withOperator(read) : read;
  const life = { isStopping: false };
  const log = openLog(config.logLevel, life);
  for (const { name, meant } of findMisspelt(process.env))
    log.warn({ name, meant }, 'an environment variable that is no setting looks like one misspelt');
  // An embedded database may have been started by then: only the whole way back leaves none running.
  const stopEarly = (): void => {
    if (config.databaseUrl !== null || life.isStopping) process.exit(0);
    life.isStopping = true;
  };
  // A container's first process would else not hear them while it waits.
  process.on('SIGTERM', stopEarly).on('SIGINT', stopEarly);
  const services = await openServices(config, { log, patienceMs: migrationsPatienceMs });
  const running = await start(services, asked);
  if (life.isStopping) return stop(running);
  // Before the others are taken away: with none in between, a signal would end the process outright.
  stopOnSignal(running, life, log);
  process.off('SIGTERM', stopEarly).off('SIGINT', stopEarly);
  log.info({ roles: asked, url: running.url }, 'started');
  if (running.url !== null && !config.isProduction) greet(running.url, config, read.operator === null);
}

type Life = { isStopping: boolean };

/** Where nobody reads the log any more, the process is as good as told to stop. */
function openLog(level: string, life: Life): Log {
  const onClosed = (): void => {
    if (!life.isStopping) process.emit('SIGTERM', 'SIGTERM');
  };
  onClosedOutput([process.stderr], onClosed);
  return createServiceLog(level, { onClosed, isStopping: () => life.isStopping });
}

/** Beyond what jobs and requests under way are given; a second signal ends at once. */
const stopHardAfterMs = 20_000;

function stopOnSignal(running: Running, life: Life, log: Log): void {
  const onSignal = (signal: string): void => {
    if (life.isStopping) process.exit(1);
    life.isStopping = true;
    log.info(`${signal}: stopping`);
    stop(running);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}

function stop(running: Running): void {
  setTimeout(() => fail(new Error('could not stop in time')), stopHardAfterMs).unref();
  running.stop().then(
    () => process.exit(0),
    (error: unknown) => fail(error),
  );
}

/** A stack only where nobody expected it. */
function fail(error: unknown): void {
  const stack = error instanceof Error && !(error instanceof SettingError) ? error.stack : null;
  const text = knownFailureOf(error) ?? stack ?? String(error);
  process.stderr.write(`${text.replace(/^Error: /, '')}\n`);
  process.exit(1);
}

run().catch(fail);
