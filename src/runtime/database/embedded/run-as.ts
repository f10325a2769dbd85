// Chooses the user for PostgreSQL's programs, which refuse root. Root runs them in a user namespace: there it has
// another uid and still owns its files. Containers often forbid namespaces; root then uses an existing system user.
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

export type RunAs = 'self' | 'user-namespace' | 'system-user';
export type Owner = { uid: number; gid: number };
type Command = {
  file: string;
  args: string[];
  options: { cwd: string; env: NodeJS.ProcessEnv } & Partial<Owner>;
};

/** `owner` must own the files on disk; undefined on Windows. */
export type Runner = { as: RunAs; owner: Owner | undefined; command(file: string, args: string[]): Command };

const runFile = promisify(execFile);

export async function chooseRunner(forced?: RunAs): Promise<Runner> {
  for (const as of forced ? [forced] : modesOfThisUser()) {
    const runner = await makeRunner(as);
    if (runner !== undefined) return runner;
  }
  throw new Error(
    'PostgreSQL does not run as root, and neither a user namespace (unshare --user) nor a system user "postgres" or "nobody" is to be had here: start this as an ordinary user',
  );
}

/** Runs to the end and returns standard output; rejects with standard error in the message. */
export async function runThrough(runner: Runner, file: string, args: string[]): Promise<string> {
  const command = runner.command(file, args);
  return (await runFile(command.file, command.args, { ...command.options, windowsHide: true })).stdout;
}

async function succeeds(runner: Runner, file: string, args: string[]): Promise<boolean> {
  return runThrough(runner, file, args).then(
    () => true,
    () => false,
  );
}

/** True if the user may enter `folder`. The system itself is asked, because modes, ACLs and mounts all matter. */
export async function canEnter(runner: Runner, folder: string): Promise<boolean> {
  return runner.as === 'self' || (await succeeds(runner, '/bin/sh', ['-c', 'cd "$1"', 'sh', folder]));
}

function modesOfThisUser(): RunAs[] {
  if (process.getuid?.() === 0) return ['user-namespace', 'system-user'];
  return hasName() ? ['self'] : ['user-namespace', 'self'];
}

/** initdb refuses a uid without an entry in passwd, which is common in containers. */
function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

async function makeRunner(as: RunAs): Promise<Runner | undefined> {
  if (as === 'self') return { as, owner: ownIds(), command: plain };
  const user = (await findUser('postgres')) ?? (await findUser('nobody'));
  if (user === undefined) return undefined;
  const runner = as === 'user-namespace' ? inNamespace(user) : asSystemUser(user);
  return (await succeeds(runner, '/bin/sh', ['-c', 'true'])) ? runner : undefined;
}

function inNamespace(user: Owner): Runner {
  const prefix = ['--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`, '--'];
  const command = (file: string, args: string[]): Command => plain('unshare', [...prefix, file, ...args]);
  return { as: 'user-namespace', owner: ownIds(), command };
}

function asSystemUser(user: Owner): Runner {
  const command = (file: string, args: string[]): Command => {
    const own = plain(file, args);
    return { ...own, options: { ...own.options, ...user } };
  };
  return { as: 'system-user', owner: user, command };
}

/** The server outlives the process that starts it, so it inherits neither its folder nor its secrets. */
function plain(file: string, args: string[]): Command {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].map((name) => [name, process.env[name]]);
  const env: NodeJS.ProcessEnv = { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
  return { file, args, options: { cwd: process.platform === 'win32' ? process.cwd() : '/', env } };
}

function ownIds(): Owner | undefined {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

async function findUser(name: string): Promise<Owner | undefined> {
  try {
    const [uid, gid] = await Promise.all([runFile('id', ['-u', name]), runFile('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
