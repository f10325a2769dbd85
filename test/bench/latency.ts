/**
 * How soon a person knows: an expense reaches a level while a thousand other events a second come in. Measures the time
 * from its post until the alert is read in the list of notifications, until a live stream shows it, and until a mail
 * server on the same machine has accepted its mail.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { MailServer } from '../support/servers/smtp-server.ts';
import { OpenStream } from '../support/servers/stream-client.ts';
import { assertSums } from './check.ts';
import { cpuFigures, measureEvents, serverPid } from './cpu.ts';
import { pacedLoad, percentile } from './paced-load.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import type { BenchResult } from './result.ts';
import { drained, eventBody, makeRules, makeTenant, openDatabase, settingsOf } from './world.ts';

const eventsPerSecond = Number(process.env['BENCH_RATE'] ?? 1000);
/** Alerts that do not count: the processes compile their code and prepare their statements. */
const first = 20;
const alerts = 100;
const everyMs = 250;
const readEveryMs = 3;

type Service = { url: string; apiKey: string; adminKey: string; mails: ReadonlyMap<string, number> };

export async function benchLatency(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const { tenantId, apiKey, adminKey } = await makeTenant(database.url);
  await makeRules(client, tenantId);
  const mailServer = stack.adopt(await MailServer.start(), (server) => server.stop());
  const mails = new Map<string, number>();
  mailServer.behaviour = {
    onTaken: async ({ to: [address = ''] }) => void mails.set(address, performance.now()),
  };
  const mail = { SMTP_URL: mailServer.url, MAIL_FROM: 'Spendwatch <alerts@example.com>' };
  const env = { ...settingsOf(database), ...mail, USER_RATE_LIMIT: '1000000' };
  const postgres = await serverPid(client);
  await using worker = await startProcess(processOf('worker'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const service = { url, apiKey, adminKey, mails };
    const seconds = ((first + alerts) * everyMs) / 1000 + 5;
    const others = pacedLoad({
      url: `${url}/api/events`,
      seconds,
      headers: { authorization: `Bearer ${apiKey}` },
      body: eventBody,
      eventsPerSecond,
    });
    await delay(2000);
    const early = await watchSome(service, 0, first);
    const measured = await measureEvents(client, { web, worker: worker.pid, postgres }, async () =>
      Promise.all(await watchSome(service, first, alerts)),
    );
    await Promise.all(early);
    const times = measured.result;
    const { refused, accepted } = await others;
    await drained(client);
    await assertSums(client, accepted + first + alerts);
    const read = times.map(({ readMs }) => readMs);
    const heard = times.map(({ heardMs }) => heardMs);
    const mailed = times.map(({ mailedMs }) => mailedMs);
    return {
      name: 'latency',
      figures: {
        'other events': { value: eventsPerSecond, unit: 'events/s' },
        'other requests refused': { value: refused, unit: 'requests' },
        'posted to read, median': { value: percentile(read, 50), unit: 'ms' },
        'posted to read, 95th percentile': { value: percentile(read, 95), unit: 'ms' },
        'posted to heard on the stream, median': { value: percentile(heard, 50), unit: 'ms' },
        'posted to heard on the stream, 95th percentile': { value: percentile(heard, 95), unit: 'ms' },
        'posted to mail accepted, median': { value: percentile(mailed, 50), unit: 'ms' },
        'posted to mail accepted, 95th percentile': { value: percentile(mailed, 95), unit: 'ms' },
        ...cpuFigures('an event with its share of the alerts', measured),
      },
      ratios: {},
    };
  });
}

type Watched = { readMs: number; heardMs: number; mailedMs: number };

/** Begins to watch one person after another. The last of them may not have heard of their alert yet. */
async function watchSome(service: Service, from: number, count: number): Promise<Promise<Watched>[]> {
  const watched: Promise<Watched>[] = [];
  for (let index = from; index < from + count; index += 1) {
    watched.push(watchOne(service, `watched${index}`));
    await delay(everyMs);
  }
  return watched;
}

/** A new person with a rule that their one expense fills. */
async function watchOne(service: Service, userId: string): Promise<Watched> {
  const email = `${userId}@example.com`;
  await send(service, 'PUT', `/api/users/${userId}`, service.adminKey, { email });
  const { token } = await post<{ token: string }>(service, '/api/tokens', service.adminKey, { userId });
  const rule = {
    name: 'Watched',
    budgetAmount: '10.00',
    channels: ['in-app', 'email'],
    thresholds: [{ percent: 100, severity: 'critical' }],
  };
  await post(service, '/api/smart-alerts/rules', token, rule);
  const stream = await OpenStream.open(service.url, token);
  while (stream.spending.length === 0) await delay(readEveryMs);
  const now = new Date().toISOString();
  const data = {
    expenseId: userId,
    userId,
    categoryId: 'other',
    amount: '10.00',
    currency: 'USD',
    spentAt: now,
  };
  const postedAt = performance.now();
  await post(service, '/api/events', service.apiKey, {
    id: userId,
    type: 'expense.created',
    time: now,
    data,
  });
  const readMs = (await firstRead(service, token)) - postedAt;
  while (stream.notifications.length === 0) await delay(1);
  const heardMs = performance.now() - postedAt;
  await stream.leave();
  while (!service.mails.has(email)) await delay(1);
  return { readMs, heardMs, mailedMs: (service.mails.get(email) ?? NaN) - postedAt };
}

async function firstRead({ url }: Service, token: string): Promise<number> {
  for (let tries = 0; tries < 2000; tries += 1) {
    const response = await fetch(`${url}/api/smart-alerts/notifications?limit=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if ((await response.text()).includes('budget_alert')) return performance.now();
    await delay(readEveryMs);
  }
  throw new Error('the alert did not come');
}

const post = <Answer>(service: Service, path: string, credential: string, body: object): Promise<Answer> =>
  send<Answer>(service, 'POST', path, credential, body);

async function send<Answer>(
  { url }: Service,
  method: 'POST' | 'PUT',
  path: string,
  credential: string,
  body: object,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
