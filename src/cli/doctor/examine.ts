/** Runs every check of `doctor`, in order of dependency. Changes nothing, except that it migrates an embedded database. */
import path from 'node:path';
import { type Config, readConfig, SettingError } from '../../runtime/config/config.ts';
import { hasDatabase, joinEmbeddedPostgres } from '../../runtime/database/embedded/join.ts';
import { migrate } from '../../runtime/migrate.ts';
import { type Check, check, fail, ok } from './check.ts';
import { checkChannels } from './check-channels.ts';
import { checkDatabase } from './check-database.ts';
import { dataDirCheck, nodeCheck, operatorCheck, settingsCheck } from './check-machine.ts';
import { checkRedis } from './check-redis.ts';
import { tokensCheck } from './check-tokens.ts';

export async function examine(env: Record<string, string | undefined>): Promise<Check[]> {
  const config = configOf(env);
  if (config instanceof SettingError) return [nodeCheck(), wrongSetting(config)];
  const [database, redis, tokens, dataDir, channels] = await Promise.all([
    examineDatabase(config),
    checkRedis(config),
    tokensCheck(config),
    dataDirCheck(config),
    checkChannels(config),
  ]);
  const machine = [nodeCheck(), settingsCheck(config), dataDir];
  return [...machine, ...database, ...redis, tokens, operatorCheck(config), ...channels];
}

function configOf(env: Record<string, string | undefined>): Config | SettingError {
  try {
    return readConfig(env);
  } catch (error) {
    if (error instanceof SettingError) return error;
    throw error;
  }
}

const wrongSetting = ({ message }: SettingError): Check => ({
  name: 'settings',
  ...fail(message, 'set it right; .env.example lists them all. Then run doctor again for the rest'),
});

/** Starting the embedded server may include crash recovery. */
const embeddedWithinMs = 30_000;

async function examineDatabase(config: Config): Promise<Check[]> {
  if (config.databaseUrl !== null) return checkDatabase(config.databaseUrl, config);
  if (!(await hasDatabase(config.dataDir))) return [noDatabaseCheck(config)];
  const joined: { url?: string; release?: () => Promise<void> } = {};
  const fix = 'set DATABASE_URL, or let DATA_DIR name a folder this user may write to';
  const embedded = await check('embedded database', fix, () => join(config, joined), embeddedWithinMs);
  try {
    return joined.url === undefined ? [embedded] : [embedded, ...(await checkDatabase(joined.url, config))];
  } finally {
    await joined.release?.();
  }
}

const noDatabaseCheck = ({ dataDir }: Config): Check => ({
  name: 'embedded database',
  ...fail(
    `there is none in ${path.resolve(dataDir)}`,
    'set DATA_DIR or DATABASE_URL, or start the service first: it makes one',
  ),
});

/** Joins the embedded server and migrates it, as every process that uses it does. */
async function join(config: Config, joined: { url?: string; release?: () => Promise<void> }) {
  const { url, serviceUrl, release } = await joinEmbeddedPostgres({ dataDir: config.dataDir });
  joined.release = release;
  await migrate(url, serviceUrl);
  joined.url = serviceUrl;
  return ok('runs, as DATABASE_URL is not set');
}
