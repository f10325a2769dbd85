/** A private Redis of a test or of the whole run: a binary on the PATH, on a free port, without persistence. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createLog } from '../../../src/runtime/log.ts';
import { openRedis, waitUntilReady } from '../../../src/runtime/redis.ts';

/** The reason why no Redis server can be started; null if one can. */
export const whyNoServer: string | null = findServer()
  ? null
  : 'no redis-server or valkey-server on the PATH';
/** The reason why there is no Redis to test on, neither started nor named; null if there is one. */
export const whyNoRedis: string | null = process.env['REDIS_URL']
  ? null
  : whyNoServer && `${whyNoServer}, and no REDIS_URL`;

const silent = createLog('silent');

export class PrivateRedis {
  readonly port: number;
  #server: ChildProcess | null = null;
  #folder = '';

  readonly #options: readonly string[];

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  /** `options`: further ones of the command line, such as `--maxmemory-policy allkeys-lru`. */
  static async start(...options: string[]): Promise<PrivateRedis> {
    const redis = new PrivateRedis(await freePort(), options);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts an empty server, also again on the same port after `kill`. */
  async start(): Promise<void> {
    const binary = findServer();
    if (!binary) throw new Error(whyNoServer ?? 'no server');
    this.#folder = mkdtempSync(join(tmpdir(), 'spendwatch-redis-'));
    const fixed = ['--bind', '127.0.0.1', '--dir', this.#folder, '--save', '', '--appendonly', 'no'];
    const options = ['--port', String(this.port), ...fixed, '--maxmemory-policy', 'noeviction'];
    this.#server = spawn(binary, [...options, ...this.#options], { stdio: 'ignore' });
    await once(this.#server, 'spawn');
    const client = openRedis(this.url, 'caller', { name: 'test', log: silent });
    const isUp = await waitUntilReady(client, 10_000);
    client.disconnect();
    if (!isUp) throw new Error('the private Redis does not answer');
  }

  /** `SIGSTOP` makes it hang with its connections open; `SIGCONT` lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#server?.kill(signal);
  }

  /** Kills the server by SIGKILL, with all its data. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Deletes all keys while the server goes on. */
  async flush(): Promise<void> {
    const client = openRedis(this.url, 'caller', { name: 'test', log: silent });
    await waitUntilReady(client, 5_000);
    await client.flushall();
    client.disconnect();
  }
}

/** A prefix for the keys that a test writes to a shared Redis. */
export const testPrefix = (): string => `test-${randomBytes(6).toString('hex')}`;

export async function removeTestKeys(url: string): Promise<void> {
  const client = openRedis(url, 'caller', { name: 'test', log: silent });
  await waitUntilReady(client, 5_000);
  for await (const keys of client.scanStream({ match: '{test-*', count: 1000 }))
    if (keys.length > 0) await client.unlink(...keys);
  client.disconnect();
}

function findServer(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = ['redis-server', 'valkey-server'].flatMap((name) => folders.map((at) => join(at, name)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
