/** Runs a process of the service: `node src/main.ts all`, or any of web, worker and clock. */
import { randomBytes } from 'node:crypto';
import { onClosedOutput } from './runtime/closed-output.ts';
import { type Config, findMisspelt, readConfig, SettingError } from './runtime/config/config.ts';
import { knownFailureOf } from './runtime/failure.ts';
import { createServiceLog, type Log } from './runtime/log.ts';
import { type Role, roles, type Running, start } from './processes.ts';
import { openServices } from './services.ts';

/** Outside production an operator can sign in without any setting, with a password made at the start. */
function withOperator(config: Config): Config {
  if (config.operator || config.isProduction) return config;
  return { ...config, operator: { user: 'operator', password: randomBytes(12).toString('base64url') } };
}

/** Prints the addresses for a person at a terminal, as they are easy to miss in the log. */
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

/** A start waits this long for pending migrations, as processes and the release's migrations may start together. */
const migrationsWaitMs = 5 * 60_000;

async function run(): Promise<void> {
  const asked = readRoles(process.argv.slice(2));
  const read = readConfig(process.env);
  const config = asked.includes('web') ? withOperator(read) : read;
  const life = { isStopping: false };
  const log = openLog(config.logLevel, life);
  for (const { name, meant } of findMisspelt(process.env))
    log.warn({ name, meant }, 'an environment variable that is no setting looks like one misspelt');
  // An embedded database may be running by then. Only an orderly stop after the start ends it, so the signal is noted.
  const stopEarly = (): void => {
    if (config.databaseUrl !== null || life.isStopping) process.exit(0);
    life.isStopping = true;
  };
  // Without handlers, the first process of a container ignores these signals while it waits.
  process.on('SIGTERM', stopEarly).on('SIGINT', stopEarly);
  const services = await openServices(config, { log, patienceMs: migrationsWaitMs });
  const running = await start(services, asked);
  if (life.isStopping) return stop(running);
  // Add these handlers before the early ones are removed. Without any handler a signal would kill the process.
  stopOnSignal(running, life, log);
  process.off('SIGTERM', stopEarly).off('SIGINT', stopEarly);
  log.info({ roles: asked, url: running.url }, 'started');
  if (running.url !== null && !config.isProduction) greet(running.url, config, read.operator === null);
}

type Life = { isStopping: boolean };

/** If the reader of the log is gone, the process stops as on SIGTERM. */
function openLog(level: string, life: Life): Log {
  const onClosed = (): void => {
    if (!life.isStopping) process.emit('SIGTERM', 'SIGTERM');
  };
  onClosedOutput([process.stderr], onClosed);
  return createServiceLog(level, { onClosed, isStopping: () => life.isStopping });
}

/** Longer than jobs and requests under way are given. A second signal ends the process at once. */
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

/** Prints the stack only for an unexpected error. */
function fail(error: unknown): void {
  const stack = error instanceof Error && !(error instanceof SettingError) ? error.stack : null;
  const text = knownFailureOf(error) ?? stack ?? String(error);
  process.stderr.write(`${text.replace(/^Error: /, '')}\n`);
  process.exit(1);
}

run().catch(fail);
