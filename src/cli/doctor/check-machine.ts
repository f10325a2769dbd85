/** The checks that need no other server: Node, the settings, the data folder and the operator's pages. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../runtime/config/config.ts';
import { type Check, check, fail, ok, type Verdict, warn } from './check.ts';

const neededMajor = 26;

export function nodeCheck(): Check {
  const { node } = process.versions;
  const seen = `Node ${node} on ${process.platform} ${process.arch}`;
  const isRecent = Number(node.split('.', 1)[0]) >= neededMajor;
  const fix = `use Node ${neededMajor}: "npx spendwatch" in the project's folder brings it along`;
  return { name: 'node', ...(isRecent ? ok(seen) : fail(seen, fix)) };
}

export const settingsCheck = ({ isProduction }: Config): Check => ({
  name: 'settings',
  ...ok(isProduction ? 'right, for production' : 'right, not for production (NODE_ENV)'),
});

export const dataDirCheck = (config: Config): Promise<Check> =>
  check('data folder', 'let DATA_DIR name a folder this user may write to', () => dataDirVerdict(config));

const lowBytes = 1e9;
const tooLowBytes = 1e8;

async function dataDirVerdict({ dataDir, databaseUrl, jwt }: Config): Promise<Verdict> {
  const wanted = path.resolve(dataDir);
  const isNeeded = databaseUrl === null || jwt.kind === 'generated';
  if (!isNeeded) return ok('not needed: the database and the secret are elsewhere');
  const folder = await nearestFolder(wanted);
  await access(folder, constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const seen = `${wanted}, ${(free / 1e9).toFixed(1)} GB free`;
  if (free < tooLowBytes) return fail(seen, 'make room');
  return free < lowBytes ? warn(seen, 'make room: the embedded database grows here') : ok(seen);
}

/** The folder itself, or the nearest parent that exists. */
async function nearestFolder(wanted: string): Promise<string> {
  const isThere = await stat(wanted).then(
    () => true,
    () => false,
  );
  return isThere || path.dirname(wanted) === wanted ? wanted : nearestFolder(path.dirname(wanted));
}

export const operatorCheck = ({ operator, isProduction }: Config): Check => ({
  name: 'operator pages',
  ...ok(
    operator
      ? 'set'
      : isProduction
        ? 'not set: there are none (OPERATOR_USER, OPERATOR_PASSWORD)'
        : 'not set: "npm start" makes a password and prints it',
  ),
});
