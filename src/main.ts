/**
 * Runs the service: `node src/main.ts all`, or any of web, worker and clock. With `all` each role is a process of its
 * own under a supervisor, unless `--one-process` is given.
 */
import { randomBytes } from 'node:crypto';
import { onClosedOutput } from './runtime/closed-output.ts';
import { endWithNpm } from './runtime/end-with-npm.ts';
import { type Config, findMisspelt, readConfig, SettingError } from './runtime/config/config.ts';
import { knownFailureOf } from './runtime/failure.ts';
import { StopRequests } from './runtime/stop-requests.ts';
import { createServiceLog, type Log } from './runtime/log.ts';
import { type Role, roles, type Running, start } from './processes.ts';
import { openServices } from './services.ts';
import { EndedEarly, Supervisor, underSupervisor } from './supervisor.ts';

/** Outside production an operator can sign in without any setting, with a password made at the start. */
function withOperator(config: Config): Config {
  if (config.operator || config.isProduction) return config;
  return { ...config, operator: { user: 'operator', password: randomBytes(12).toString('base64url') } };
}

/** Prints the addresses for a person at a terminal, as they are easy to miss in the log. */
function greet(url: string, { operator, hasApiReference }: Config, isPasswordMade: boolean): void {
  const lines = [`Spendwatch: ${url}${hasApiReference ? ` (API reference: ${url}/docs)` : ''}`];
  const password = isPasswordMade ? `${operator?.password}, until it is stopped` : 'as set';
  if (operator) lines.push(`Bull Board: ${url}/admin/queues (user ${operator.user}, password ${password})`);
  process.stderr.write(`${lines.join('\n')}\n`);
}

type Asked = { roles: readonly Role[]; isSupervised: boolean };

function readArguments(args: readonly string[]): Asked {
  const asked = roles.filter((role) => args.includes(role));
  if (args.length === 1 && args[0] === 'all') return { roles, isSupervised: true };
  if (args.length === 2 && args.includes('all') && args.includes('--one-process'))
    return { roles, isSupervised: false };
  if (asked.length > 0 && asked.length === args.length) return { roles: asked, isSupervised: false };
  throw new SettingError(`say what to run: all, all --one-process, or any of ${roles.join(', ')}`);
}

/** A start waits this long for pending migrations, as processes and the release's migrations may start together. */
const migrationsWaitMs = 5 * 60_000;

async function run(): Promise<void> {
  const asked = readArguments(process.argv.slice(2));
  const read = readConfig(process.env);
  const stops = new StopRequests();
  const log = openLog(read.logLevel, stops);
  // The processes of a supervisor end with it.
  if (!process.send) endWithNpm(process.env, 'src/main.ts', () => process.kill(process.pid, 'SIGTERM'));
  if (asked.isSupervised) await supervise(asked.roles, stops, log);
  else await runRoles(asked.roles, read, stops, log);
}

async function supervise(asked: readonly Role[], stops: StopRequests, log: Log): Promise<void> {
  warnOfMisspelt(log);
  const supervisor = new Supervisor({ log, program: import.meta.filename });
  const stop = (): void => {
    if (stops.add() === 'again') supervisor.kill();
    void supervisor.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  try {
    const url = await supervisor.start(asked);
    log.info({ roles: asked, url }, 'all processes started');
  } catch (error) {
    if (!(error instanceof EndedEarly)) throw error;
    if (stops.isStopping) return;
    await supervisor.stop();
    process.exit(1);
  }
}

const warnOfMisspelt = (log: Log): void => {
  for (const { name, meant } of findMisspelt(process.env))
    log.warn({ name, meant }, 'an environment variable that is no setting looks like one misspelt');
};

async function runRoles(asked: readonly Role[], read: Config, stops: StopRequests, log: Log): Promise<void> {
  const config = asked.includes('web') ? withOperator(read) : read;
  const tellStarted = underSupervisor(() => process.kill(process.pid, 'SIGTERM'));
  if (!tellStarted) warnOfMisspelt(log);
  // An embedded database may be running by then. Only an orderly stop after the start ends it, so the signal is noted.
  const stopEarly = (): void => {
    if (config.databaseUrl !== null || stops.add() === 'again') process.exit(0);
  };
  // A terminal sends its signals to a supervisor and its processes alike. Only the supervisor acts on them.
  if (tellStarted) process.on('SIGINT', () => undefined).on('SIGHUP', () => undefined);
  // Without handlers, the first process of a container ignores these signals while it waits.
  process.on('SIGTERM', stopEarly);
  if (!tellStarted) process.on('SIGINT', stopEarly);
  const services = await openServices(config, { log, patienceMs: migrationsWaitMs });
  const running = await start(services, asked);
  if (stops.isStopping) return stop(running);
  // Add these handlers before the early ones are removed. Without any handler a signal would kill the process.
  stopOnSignal(running, tellStarted !== null, stops, log);
  process.off('SIGTERM', stopEarly).off('SIGINT', stopEarly);
  log.info({ roles: asked, url: running.url }, 'started');
  if (running.url !== null && !config.isProduction) greet(running.url, config, read.operator === null);
  tellStarted?.(running.url);
}

/** If the reader of the log is gone, the process stops as on SIGTERM. */
function openLog(level: string, stops: StopRequests): Log {
  const onClosed = (): void => {
    if (!stops.isStopping) process.emit('SIGTERM', 'SIGTERM');
  };
  onClosedOutput([process.stderr], onClosed);
  return createServiceLog(level, { onClosed, isStopping: () => stops.isStopping });
}

/** Longer than jobs and requests under way are given. A second signal ends the process at once. */
const stopHardAfterMs = 20_000;

/** Under a supervisor only SIGTERM counts, and however often it comes: whoever stops them all may send it to each. */
function stopOnSignal(running: Running, isSupervised: boolean, stops: StopRequests, log: Log): void {
  const onSignal = (signal: string): void => {
    const request = stops.add();
    if (request === 'again' && !isSupervised) process.exit(1);
    if (request !== 'first') return;
    log.info(`${signal}: stopping`);
    stop(running);
  };
  process.on('SIGTERM', onSignal);
  if (!isSupervised) process.on('SIGINT', onSignal);
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
