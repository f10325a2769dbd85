/** The live stream when web processes end, and when a client stops reading. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { announceNotification } from '../../../src/deliver/channels/in-app/announce-notification.ts';
import { freshDatabase } from '../../support/servers/database.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { ServiceProcess, signal } from '../../support/servers/processes.ts';
import { startService } from '../../support/servers/service.ts';
import { OpenStream, ReturningClient } from '../../support/servers/stream-client.ts';

const left: (() => Promise<unknown>)[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stream-'));
  left.push(() => rm(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const leave of left.splice(0).toReversed()) await leave();
});

const waitOptions = { timeout: 60_000, interval: 20 };

test('a client of the live stream loses two web processes and no notification', async () => {
  const database = await freshDatabase();
  left.push(() => database.drop());
  const jwt = { JWT_SECRET: 'a secret that all of the processes know of' };
  const settings = { DATABASE_URL: database.url, DATA_DIR: folder, PORT: '0', ...jwt };
  const [stopped, killed, last] = await Promise.all(
    ['web', 'web', 'web', 'worker'].map((role) => run(role, settings)),
  );
  if (!stopped || !killed || !last) throw new Error('three were started');
  const { tenantId, apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Stream');
  const { token } = await runCommand(settings, 'token', '--tenant', String(tenantId), '--user', 'u1');
  const call = (at: string, credential: unknown, body: object) =>
    fetch(last.url + at, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(credential)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const thresholds = Array.from({ length: 20 }, (_, n) => ({ percent: 5 * (n + 1), severity: 'info' }));
  const rule = { budgetAmount: '100.00', channels: ['in-app'], thresholds };
  expect((await call('/api/smart-alerts/rules', token, rule)).status).toBe(201);

  const client = new ReturningClient([stopped.url, killed.url, last.url], String(token));
  left.push(async () => client.leave());
  await vi.waitFor(() => expect(client.resumedFrom).toEqual([null]), waitOptions);
  for (let level = 1; level <= 20; level += 1) {
    const now = Temporal.Now.instant().toString();
    const expense = { userId: 'u1', categoryId: 'food', amount: '5.00', currency: 'USD', spentAt: now };
    const data = { expenseId: randomUUID(), ...expense };
    const event = { id: randomUUID(), type: 'expense.created', time: now, data };
    expect((await call('/api/events', apiKey, event)).status).toBe(202);
    if (level === 7) signal(stopped.process.pid, 'SIGTERM');
    if (level === 14) signal(killed.process.pid, 'SIGKILL');
    // Waits before the next expense, because only the higher of two levels reached at once is notified.
    await vi.waitFor(() => expect(client.notifications.length).toBeGreaterThanOrEqual(level), waitOptions);
  }
  expect(client.notifications.map(({ id }) => Number(id))).toEqual(thresholds.map((_, n) => n + 1));
  expect(client.resumedFrom).toHaveLength(3);
  expect(await stopped.process.ended).toEqual({ code: 0, signal: null });
  expect(await killed.process.ended).toEqual({ code: null, signal: 'SIGKILL' });
}, 120_000);

async function run(role: string, settings: Record<string, string>) {
  const started = await ServiceProcess.start(role, settings);
  left.push(async () => {
    signal(started.pid, 'SIGTERM');
    await started.ended;
  });
  return { process: started, url: String((await started.logged('started'))['url']) };
}

test('a client that reads nothing is disconnected, uses little memory, and resumes by the last id', async () => {
  const service = await startService({ roles: ['web'] });
  left.push(() => service.stop());
  const { tenantId } = service.tenant;
  const token = await service.token('slow');
  const count = 1_000;
  const { rows } = await statement<{ id: string }>`
    insert into notification_history (tenant_id, id, user_id, type, severity, title, message, is_silent, status,
      created_at)
    select ${tenantId}, gen_random_uuid(), 'slow', 'budget_alert', 'info', 'Food', repeat('so much ', 12500),
      false, 'sent', ${service.clock.now().toString()}::timestamptz
    from generate_series(1, ${count}::int)
    returning id`.execute(service.sql);
  for (const { id } of rows)
    await announceNotification(service.services.db, { tenantId, notificationId: id });

  const { port } = new URL(service.url);
  const socket = connect(Number(port), '127.0.0.1');
  const closed = once(socket, 'close');
  const request = `GET /api/smart-alerts/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nLast-Event-ID: 0\r\n\r\n`;
  socket.write(request);
  const open = async () => (await service.services.metrics.streams.get()).values[0]?.value;
  await vi.waitFor(async () => expect(await open()).toBe(1), waitOptions);
  const beganMs = performance.now();
  const before = process.memoryUsage().heapUsed;
  let most = before;
  await vi.waitFor(async () => {
    most = Math.max(most, process.memoryUsage().heapUsed);
    expect(await open()).toBe(0);
  }, waitOptions);
  expect(performance.now() - beganMs).toBeGreaterThan(25_000);
  // 100 MB wait for the client, and a page of the stream has five.
  expect(most - before).toBeLessThan(50_000_000);

  let read = '';
  socket.on('data', (chunk: Buffer) => (read += chunk.toString()));
  socket.on('error', () => undefined);
  await closed;
  const ids = [...read.matchAll(/^id: (\d+)\nevent: notification\ndata: .*\n\n/gm)].map(([, id]) =>
    Number(id),
  );
  expect(ids).toEqual(ids.map((_, index) => index + 1));
  expect(ids.length).toBeLessThan(count);
  const resumed = await OpenStream.open(service.url, token, { 'last-event-id': String(ids.length) });
  await vi.waitFor(() => expect(resumed.notifications.length).toBeGreaterThan(50), {
    ...waitOptions,
    interval: 200,
  });
  await resumed.leave();
  expect(resumed.notifications[0]?.id).toBe(String(ids.length + 1));
}, 120_000);

test('a process with few open files warns before its streams are too many, and then refuses them alone', async () => {
  const database = await freshDatabase();
  left.push(() => database.drop());
  const settings = {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    PORT: '0',
    JWT_SECRET: 'a secret that the command line knows of',
  };
  const web = await ServiceProcess.start('web', settings, { openFiles: 300 });
  left.push(async () => {
    signal(web.pid, 'SIGTERM');
    await web.ended;
  });
  const url = String((await web.logged('started'))['url']);
  const { tenantId } = await runCommand(settings, 'tenant', 'create', '--name', 'Crowd');
  const streams: OpenStream[] = [];
  for (let user = 0; streams.at(-1)?.status !== 503; user += 1) {
    const { token } = await runCommand(settings, 'token', '--tenant', String(tenantId), '--user', `u${user}`);
    for (let own = 0; own < 6 && streams.at(-1)?.status !== 503; own += 1)
      streams.push(await OpenStream.open(url, String(token)));
  }
  const refused = streams.pop();
  expect(refused?.headers.get('retry-after')).toBe('2');
  await refused?.ended;
  expect(refused?.text).toContain('no room for another stream');
  expect(streams).toHaveLength(300 - 256);
  expect(web.lines('the limit of open files leaves little room for streams')).toMatchObject([
    { streams: 36, fitting: 44 },
  ]);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  await Promise.all(streams.map((stream) => stream.leave()));
}, 60_000);
