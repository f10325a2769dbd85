import { execFile } from 'node:child_process';
import path from 'node:path';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, runLine } from '../../support/servers/command-line.ts';
import { freshDatabase } from '../../support/servers/database.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';
import { environment } from '../../support/servers/processes.ts';

const queues = await queuesOfFile();
const bin = path.resolve('src/cli/spendwatch.js');
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** `whsec_` and 32 bytes in base64. */
const webhookSecret = expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/);
const nobody = '01a20366-d534-7ad4-baa5-cf2d9295768f';

/** Runs `node …args` to its end. */
function run(args: string[], env: Record<string, string>): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const options = { env: environment(env) };
  execFile(process.execPath, args, options, (error, stdout, stderr) => {
    resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
  });
  return promise;
}

describe('npx spendwatch', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const settings = (): Record<string, string> => ({
    DATABASE_URL: database.url,
    JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
    ...queues,
  });
  const spendwatch = (...args: string[]): Promise<Ran> => runLine(settings(), ...args);
  /** Runs a command and parses the one JSON document that it prints. */
  const json = async (...args: string[]): Promise<Record<string, string>> => {
    const { code, stdout, stderr } = await spendwatch(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Record<string, string>;
  };

  it('prints help with its output and an example', async () => {
    const { code, stdout } = await spendwatch('tenant', 'create', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Prints:');
    expect(stdout).toContain('$ npx spendwatch tenant create --name');
  });

  it('has the same output and exit code as a process', async () => {
    const listed = await run([bin, 'job', 'list', '--json'], settings());
    expect(listed).toEqual({
      code: 0,
      stdout: (await spendwatch('job', 'list', '--json')).stdout,
      stderr: '',
    });
    const refused = await run([bin, 'key', 'list', '--tenant', nobody], settings());
    expect(refused).toEqual(await spendwatch('key', 'list', '--tenant', nobody));
    expect(refused.code).toBe(1);
    expect(await run([bin, 'tenant', '--help'], {})).toMatchObject({ code: 0, stderr: '' });
  });

  it('creates tenants, keys and tokens, and revokes keys', async () => {
    const tenant = await json(
      'tenant',
      'create',
      '--name',
      'Acme',
      '--timezone',
      'Europe/Berlin',
      '--currency',
      'EUR',
    );
    const apiKey = expect.stringMatching(/^swk_[\w-]{43}$/);
    const webhook = { sourceId: expect.stringMatching(uuid), secret: webhookSecret };
    expect(tenant).toEqual({
      tenantId: expect.any(String),
      keyId: expect.stringMatching(uuid),
      apiKey,
      webhook,
    });
    const { tenantId = '' } = tenant;
    const key = await json('key', 'create', '--tenant', tenantId, '--scope', 'admin');
    expect(key).toEqual({ keyId: expect.any(String), apiKey });
    const { keyId = '' } = key;
    const revoked = await json('key', 'revoke', keyId);
    expect(revoked).toEqual({ keyId, tenantId, revokedAt: expect.any(String) });
    expect(await json('key', 'revoke', keyId)).toEqual(revoked);
    const { stdout: listed } = await spendwatch('key', 'list', '--tenant', tenantId, '--json');
    expect(JSON.parse(listed)).toEqual([
      { keyId: tenant['keyId'], scope: 'ingest', createdAt: expect.any(String), revokedAt: null },
      { keyId, scope: 'admin', createdAt: expect.any(String), revokedAt: revoked['revokedAt'] },
    ]);
    const { stdout: shown } = await spendwatch('key', 'list', '--tenant', tenantId);
    expect(shown).toMatch(/^\S{36} {2}ingest {2}made \S+\n\S{36} {2}admin {3}made \S+, revoked \S+\n$/);
    const { token = '' } = await json('token', '--tenant', tenantId, '--user', 'u1', '--ttl', '15m');
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      iat: number;
      exp: number;
    };
    expect(claims).toMatchObject({ sub: 'u1', tenant: tenantId, role: 'member' });
    expect(claims.exp - claims.iat).toBe(900);
  });

  it('creates a webhook with ids of its own, and lists which of a tenant’s have them', async () => {
    const { tenantId = '', webhook } = await json('tenant', 'create', '--name', 'Acme');
    const own = await json('webhook', 'create', '--tenant', tenantId, '--own-ids');
    const { stdout } = await spendwatch('webhook', 'list', '--tenant', tenantId, '--json');
    expect(stdout).not.toContain('whsec_');
    const createdAt = expect.any(String);
    expect(JSON.parse(stdout)).toEqual([
      { sourceId: Object(webhook).sourceId, ownIds: false, createdAt },
      { sourceId: own['sourceId'], ownIds: true, createdAt },
    ]);
    const { stdout: shown } = await spendwatch('webhook', 'list', '--tenant', tenantId);
    expect(shown.match(/with ids of its own/g)).toHaveLength(1);
  });

  it('creates webhooks and rotates their secrets', async () => {
    const { tenantId = '' } = await json('tenant', 'create', '--name', 'Acme');
    const created = await json('webhook', 'create', '--tenant', tenantId);
    expect(created).toEqual({ sourceId: expect.stringMatching(uuid), secret: webhookSecret });
    const { sourceId = '', secret = '' } = created;
    const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
    expect(bytes.length).toBe(32);
    const hours = (ends: string) =>
      Temporal.Now.instant().until(Temporal.Instant.from(ends)).total({ unit: 'hours' });
    const rotated = await json('webhook', 'rotate', sourceId);
    const { previousSecretEndsAt = '' } = rotated;
    expect(rotated).toEqual({ sourceId, secret: webhookSecret, previousSecretEndsAt });
    expect(rotated['secret']).not.toBe(secret);
    expect(hours(previousSecretEndsAt)).toBeCloseTo(24, 1);
    const again = await json('webhook', 'rotate', sourceId, '--keep', '2h');
    expect(hours(again['previousSecretEndsAt'] ?? '')).toBeCloseTo(2, 1);
    expect(new Set([secret, rotated['secret'], again['secret']]).size).toBe(3);
  });

  it.each(['key create --tenant', 'webhook create --tenant', 'webhook rotate'])(
    'prints lines that a shell can take for "%s", and notes beside them',
    async (line) => {
      const { tenantId = '', webhook } = await json('tenant', 'create', '--name', 'Acme');
      const id = line === 'webhook rotate' ? (Object(webhook) as { sourceId: string }).sourceId : tenantId;
      const { code, stdout, stderr } = await spendwatch(...line.split(' '), id);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^(?:[A-Z_]+=[\w=+/-]+\n){2}$/);
      expect(stderr).toMatch(/^[A-Z].*shown this once.*\.\n$/);
    },
  );

  it('prints lines for people without --json', async () => {
    const { code, stdout, stderr } = await spendwatch('tenant', 'create', '--name', 'Acme');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Acme: days in UTC, rules in USD; in comparisons are all people but/);
    const lines = stdout.trimEnd().split('\n');
    const values = lines.map((line) => /^([A-Z_]+)=(\S+)$/.exec(line)?.slice(1) ?? [line]);
    expect(Object.fromEntries(values)).toEqual({
      TENANT: expect.stringMatching(uuid),
      KEY: expect.stringMatching(/^swk_[\w-]{43}$/),
      KEY_ID: expect.stringMatching(uuid),
      SOURCE: expect.stringMatching(uuid),
      SECRET: webhookSecret,
    });
    expect(stderr).toMatch(/shown this once/);
    expect(stderr).toContain(`\n  npx spendwatch token --tenant ${values[0]?.[1]} --user me\n`);
  });

  it('lists and runs jobs', async () => {
    const at = '2026-11-01T00:00:00Z';
    const ran = await json('job', 'run', 'sweep-pending', '--at', at);
    expect(ran).toEqual({ job: 'sweep-pending', at, outcome: expect.any(String) });
    const { stdout } = await spendwatch('job', 'list', '--json');
    const jobs = JSON.parse(stdout) as { job: string; latest: { slot: string; status: string } | null }[];
    expect(jobs.find(({ job }) => job === 'sweep-pending')?.latest).toMatchObject({
      slot: at,
      status: 'done',
    });
  });

  it('migrates nothing in a database that is up to date', async () => {
    expect(await json('migrate')).toEqual({ applied: [] });
  });

  it.each([
    ['tenant create --name Acme --timezone Mars/Base', 'Give an IANA time zone'],
    ['tenant create --name Acme --currency EURO', 'Give an ISO 4217 code'],
    ['tenant create', "required option '--name <name>' not specified"],
    [`key create --tenant ${nobody} --scope all`, 'Allowed choices are ingest, admin'],
    ['key create --tenant acme', 'Give the id as it was printed'],
    [`key create --tenant ${nobody}`, `there is no tenant ${nobody} in this database`],
    [`tenant show ${nobody}`, `there is no tenant ${nobody} in this database: see "tenant list"`],
    ['tenant show acme', 'Give the id as it was printed'],
    [`key list --tenant ${nobody}`, `there is no tenant ${nobody} in this database`],
    [`key revoke ${nobody}`, `no API key has the id ${nobody}`],
    [`webhook list --tenant ${nobody}`, `there is no tenant ${nobody} in this database`],
    [`webhook create --tenant ${nobody}`, `there is no tenant ${nobody} in this database`],
    ['webhook create', "required option '--tenant <id>' not specified"],
    [`webhook rotate ${nobody}`, `no webhook has the id ${nobody}`],
    ['webhook rotate whsec_x', 'Give the id as it was printed'],
    ['key revoke key-1', 'Give the id as it was printed'],
    [`webhook rotate ${nobody} --keep 0s`, 'Give a time up to 30 days'],
    [`token --tenant ${nobody} --user u1`, `there is no tenant ${nobody} in this database`],
    [`token --tenant ${nobody} --user u1 --ttl 31d`, 'Give a time up to 30 days'],
    ['job run nothing', 'no job is named nothing: there are '],
    ['job run sweep-pending --at yesterday', 'Give an instant with its offset'],
  ])('refuses "%s" with a message', async (line, message) => {
    const { code, stdout, stderr } = await spendwatch(...line.split(' '), '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });

  it.each(['key revoke swk_abc', 'webhook rotate whsec_abc', 'key list --tenant swk_abc'])(
    'does not repeat the secret in "%s"',
    async (line) => {
      const { code, stdout, stderr } = await spendwatch(...line.split(' '));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^error: that is .*\bid\b.*\n$/);
      expect(stderr).not.toContain('_abc');
    },
  );

  /** Runs `node src/main.ts all`, which has to fail at once. */
  const startService = (given: Record<string, string>): Promise<Ran> =>
    run([path.resolve('src/main.ts'), 'all'], { ...settings(), ...given });

  it.each([
    [
      'with an unreachable database',
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
      'the database cannot be reached (ECONNREFUSED): ',
    ],
    [
      'with the address of another machine',
      { HOST: '192.0.2.1', PORT: '0' },
      'setting HOST: 192.0.2.1 is no address of this machine. ',
    ],
    [
      'with an unknown host name',
      { HOST: 'none.invalid', PORT: '0' },
      'setting HOST: none.invalid is no address of this machine. ',
    ],
  ])('starts a service %s, which fails with one line', async (_name, given, message) => {
    const { code, stderr } = await startService(given);
    expect({ code, lines: stderr.trimEnd().split('\n') }).toEqual({
      code: 1,
      lines: [expect.stringContaining(message)],
    });
  });

  it('starts a service on a port that is taken, which fails with one line', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    // A TCP server, so the address is never the name of a pipe.
    const { port } = occupant.address() as AddressInfo;
    try {
      const { code, stderr } = await startService({ PORT: String(port) });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `setting PORT: port ${port} of 127.0.0.1 is taken. Give another, like PORT=3001, or PORT=0 for any that is free\n`,
      });
    } finally {
      occupant.close();
    }
  });

  it('says that the database cannot be reached', async () => {
    const { code, stderr } = await runLine(
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
      'job',
      'list',
    );
    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: the database cannot be reached (ECONNREFUSED): is it running, and is DATABASE_URL right?\n',
    );
  });
});
