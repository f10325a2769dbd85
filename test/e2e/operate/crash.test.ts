/**
 * The worst case: the service and its PostgreSQL are killed at different moments while events stream in, and started
 * again each time. A request answered 202 takes effect exactly once. Any other takes effect as a whole or not at all.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExpenseStream, type Post } from '../../support/worlds/expense-stream.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { findDatabase, type Killed, killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const people = ['p01', 'p02', 'p03', 'p04', 'p05', 'p06'];
const budgetMinor = 400_00n;
/** No level falls again, because nothing is refunded; so each is notified at most once. */
const percents = [1, 5, 10, 20, 30, 40, 50, 75, 100, 125, 150, 200, 300, 400, 800, 1600];
/** A time in a month that does not end while the test runs. */
const clockStart = '2026-11-10T12:00:00Z';

const queues = await queuesOfFile();
let dataDir: string;
let settings: Record<string, string>;
let service: ServiceProcess;
let url: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-crash-'));
  settings = { DATA_DIR: dataDir, PORT: '0', CLOCK_START: clockStart, ...queues };
});

afterEach(async () => {
  const { obituary } = service;
  await killOutright(service, await findDatabase(dataDir));
  await rm(dataDir, { recursive: true, force: true });
  // The service has to run until the end of the test.
  if (obituary !== null) throw new Error(`the service died by itself: ${obituary}`);
});

test('a request answered 202 takes effect exactly once, however often the service and its database are killed', async () => {
  await boot();
  const { tenantId, apiKey } = await command('tenant', 'create', '--name', 'Crash');
  const admin = await command('key', 'create', '--tenant', String(tenantId), '--scope', 'admin');
  const persons = await Promise.all(people.map((userId) => setUpPerson(userId, String(admin['apiKey']))));
  const stream = new ExpenseStream(String(apiKey), people);

  await killInTheMiddle(stream, 20);
  await boot();
  // Clients without an answer repeat the request; repeating an answered one changes nothing.
  for (const post of stream.inDoubt()) await stream.repost(url, post);
  const [known] = stream.answered();
  expect(known && (await stream.repost(url, known))).toMatchObject({ accepted: 0, duplicates: 5 });

  await killAtTheAnswer(stream);
  await killInRecovery();
  await boot();
  await killInTheMiddle(stream, 40);
  await boot();

  const key = String(apiKey);
  await everythingIsDone(stream, persons, key);
  const stored = await Promise.all(stream.inDoubt().map((post) => isStored(post, key)));
  const applied = [...stream.answered(), ...stream.inDoubt().filter((_, index) => stored[index])];
  for (const person of persons) await expectJustOnce(person, applied);
  expect(await command('job', 'run', 'reconcile-spending')).toMatchObject({
    outcome: 'tenants compared: 1, differences: 0, people rebuilt: 0',
  });
}, 240_000);

const command = (...args: string[]) => runCommand(settings, ...args);

async function boot(): Promise<void> {
  service = await ServiceProcess.start('all --one-process', settings);
  url = String((await service.logged('started'))['url']);
}

/** Kills while requests are under way, batches are evaluated and notifications are sent. */
async function killInTheMiddle(stream: ExpenseStream, answers: number): Promise<void> {
  const database = await findDatabase(dataDir);
  const posting = stream.flow(url, 6);
  await posting.answered(answers);
  expectKilled(await killOutright(service, database));
  await posting.ended;
  expect(stream.inDoubt().length).toBeGreaterThan(0);
}

/** Kills after a batch is committed that is too large to have been evaluated by then. */
async function killAtTheAnswer(stream: ExpenseStream): Promise<void> {
  const database = await findDatabase(dataDir);
  const { isAnswered } = await stream.post(url, 1000);
  expectKilled(await killOutright(service, database));
  expect(isAnswered).toBe(true);
}

/** Kills while PostgreSQL is up again and the service is not. */
async function killInRecovery(): Promise<void> {
  service = await ServiceProcess.start('all --one-process', settings);
  await service.logged('joined the embedded PostgreSQL');
  expectKilled(await killOutright(service, await findDatabase(dataDir)));
}

/** The service was ended by the signal alone, with the database server and its child processes. */
function expectKilled({ ending, database }: Killed): void {
  expect(ending).toEqual({ code: null, signal: 'SIGKILL' });
  expect(database.length).toBeGreaterThan(5);
  expect(database[0]?.command).toMatch(/[/\\]bin[/\\]postgres /);
}

type Person = { userId: string; token: string; ruleId: string };

async function setUpPerson(userId: string, adminKey: string): Promise<Person> {
  const { token } = await call('/api/tokens', adminKey, { userId });
  const rule = await call('/api/smart-alerts/rules', String(token), {
    budgetAmount: '400.00',
    channels: ['in-app'],
    thresholds: percents.map((percent) => ({ percent, severity: 'info' })),
  });
  return { userId, token: String(token), ruleId: String(Reflect.get(Object(rule['data']), 'id')) };
}

async function call(path: string, credential: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (response.ok) return (await response.json()) as Record<string, unknown>;
  throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
}

/** `pending`, `applied` or `failed`; null for an event that the service does not know. */
async function readStatus(id: string, apiKey: string): Promise<unknown> {
  const response = await fetch(`${url}/api/events/api/${id}`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const answer = await response.json();
  return response.status === 404 ? null : Reflect.get(Object(answer), 'status');
}

/**
 * Waits until all work is done. Enqueued jobs run again once the locks of the dead workers expire. A sweep enqueues
 * the rest after twenty seconds; the test runs it as an operator, because the clock's own may be 15 seconds later.
 */
async function everythingIsDone(stream: ExpenseStream, persons: readonly Person[], apiKey: string) {
  const answered = stream.answered().flatMap(({ events }) => events);
  await vi.waitFor(
    async () => {
      await command('job', 'run', 'sweep-pending');
      while (answered.length > 0) {
        const statuses = await Promise.all(answered.slice(-50).map(({ id }) => readStatus(id, apiKey)));
        expect(new Set(statuses)).toEqual(new Set(['applied']));
        answered.splice(-50);
      }
      for (const post of stream.inDoubt()) await isStored(post, apiKey);
      for (const person of persons) {
        const notifications = await readNotifications(person);
        expect([...new Set(notifications.map(({ status }) => status))]).toEqual(['sent']);
      }
    },
    { timeout: 150_000, interval: 10_000 },
  );
}

/** A request is one commit, so that all of its events are stored or none. */
async function isStored({ events }: Post, apiKey: string): Promise<boolean> {
  const statuses = new Set(await Promise.all(events.map(({ id }) => readStatus(id, apiKey))));
  expect(statuses).toBeOneOf([new Set(['applied']), new Set([null])]);
  return statuses.has('applied');
}

type Decision = { level: number; outcome: string; notificationId?: string };
type Notified = { id: string; status: string; ruleId: string; level: number };

const readNotifications = ({ token }: Pick<Person, 'token'>): Promise<Notified[]> =>
  list<Notified>('/api/smart-alerts/notifications', token);

async function expectJustOnce({ userId, token, ruleId }: Person, applied: readonly Post[]): Promise<void> {
  const own = applied.flatMap(({ events }) => events).filter((event) => event.userId === userId);
  const spentMinor = own.reduce((sum, { minor }) => sum + minor, 0n);
  const rule = await call(`/api/smart-alerts/rules/${ruleId}`, token);
  expect(rule['data']).toMatchObject({ spent: formatMinor(spentMinor) });

  const decisions = await list<Decision>(`/api/smart-alerts/rules/${ruleId}/decisions`, token);
  const reached = percents.filter((percent) => spentMinor * 100n >= BigInt(percent) * budgetMinor);
  expect(reached.length).toBeGreaterThan(5);
  expect(decisions.map(({ level }) => level).sort((a, b) => a - b)).toEqual(reached);
  expect(new Set(decisions.map(({ outcome }) => outcome))).toBeOneOf([
    new Set(['notified']),
    new Set(['notified', 'superseded']),
  ]);

  const notified = decisions.filter(({ outcome }) => outcome === 'notified');
  const notifications = await readNotifications({ token });
  const label = (id: string | undefined, level: number) => `${level} ${id}`;
  expect(new Set(notifications.map(({ id, level }) => label(id, level)))).toEqual(
    new Set(notified.map(({ notificationId, level }) => label(notificationId, level))),
  );
  expect(notifications).toHaveLength(notified.length);
}

const formatMinor = (minor: bigint): string => `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;

/** Reads the whole list, which fits on a page. */
async function list<Item>(path: string, token: string): Promise<Item[]> {
  const { data, nextCursor } = await call(`${path}?limit=200`, token);
  expect(nextCursor).toBeUndefined();
  // The contract tests check the shape of the answer.
  return data as Item[];
}
