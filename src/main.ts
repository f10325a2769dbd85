/** A process of the service: `node src/main.ts all`, or any of web, worker and clock. */
import { randomBytes } from 'node:crypto';
import { type Config, readConfig, SettingError } from './config.ts';
import { createLog } from './log.ts';
import { type Role, roles, type Running, start } from './processes.ts';
import { openServices } from './services.ts';

/** Under `npm start` an operator can sign in without having set anything, but never in production. */
function withOperator(config: Config): Config {
  if (config.operator || config.isProduction) return config;
  const operator = { user: 'operator', password: randomBytes(12).toString('base64url') };
  process.stderr.write(`Bull Board: user ${operator.user}, password ${operator.password}\n`);
  return { ...config, operator };
}

function readRoles(args: readonly string[]): readonly Role[] {
  const asked = roles.filter((role) => args.includes(role));
  if (args.includes('all')) return roles;
  if (asked.length > 0 && asked.length === args.length) return asked;
  throw new SettingError(`say what to run: all, or any of ${roles.join(', ')}`);
}

async function run(): Promise<void> {
  const asked = readRoles(process.argv.slice(2));
  const read = readConfig(process.env);
  const config = asked.includes('web') ? withOperator(read) : read;
  const log = createLog(config.logLevel);
  const running = await start(await openServices(config, { log }), asked);
  log.info({ roles: asked, url: running.url }, 'started');
  stopOnSignal(running, (message) => log.info(message));
}

function stopOnSignal(running: Running, tell: (message: string) => void): void {
  const stop = (signal: string) => {
    tell(`${signal}: stopping`);
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

function fail(error: unknown): void {
  const text =
    error instanceof Error && !(error instanceof SettingError)
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${text.replace(/^Error: /, '')}\n`);
  process.exit(1);
}

run().catch(fail);
