/**
 * Critical alerts among forty thousand digests that are due at once. The mail server takes a while for each mail, so they
 * are under way for minutes. Measures until an alert is on its person's stream, and until its mail is accepted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { MailServer } from '../support/servers/smtp-server.ts';
import { OpenStream } from '../support/servers/stream-client.ts';
import { cpuFigures, measureCpu, serverPid } from './cpu.ts';
import { percentile } from './paced-load.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import type { BenchResult } from './result.ts';
import { makeTenant, openDatabase, settingsOf } from './world.ts';

const digests = Number(process.env['BENCH_DIGESTS'] ?? 40_000);
const mailMs = 140;
const alerts = 20;
const everyMs = 1_000;
/** The digest of the day before is due since 08:30. */
const clockStart = '2026-11-10T12:00:00Z';

type Service = { url: string; apiKey: string; adminKey: string; mails: ReadonlyMap<string, number> };

export async function benchBacklog(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { tenantId, apiKey, adminKey } = await makeTenant(database.url);
  await makeDue(database.client, tenantId);
  const mailServer = stack.adopt(await MailServer.start(), (server) => server.stop());
  const mails = new Map<string, number>();
  mailServer.behaviour = {
    onTaken: async ({ to: [address = ''] }) => {
      await delay(mailMs);
      mails.set(address, performance.now());
    },
  };
  const mail = { SMTP_URL: mailServer.url, MAIL_FROM: 'Spendwatch <alerts@example.com>' };
  const env = { ...settingsOf(database), ...mail, CLOCK_START: clockStart };
  const postgres = await serverPid(database.client);
  await using worker = await startProcess(processOf('worker'), env);
  await using clock = await startProcess(processOf('clock'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const service = { url, apiKey, adminKey, mails };
    while (mails.size < 100) await delay(100);
    const pids = { web, worker: worker.pid, clock: clock.pid, postgres };
    const { result, cpu } = await measureCpu(pids, async () => {
      const before = { mails: mails.size, ms: performance.now() };
      const watched = [];
      for (let index = 0; index < alerts; index += 1) {
        watched.push(watchOne(service, `watched${index}`));
        await delay(everyMs);
      }
      const times = await Promise.all(watched);
      return { times, seconds: (performance.now() - before.ms) / 1000, mails: mails.size - before.mails };
    });
    const heard = result.times.map(({ heardMs }) => heardMs);
    const mailed = result.times.map(({ mailedMs }) => mailedMs);
    return {
      name: 'backlog',
      figures: {
        digests: { value: digests, unit: 'digests' },
        'mails meanwhile': { value: result.mails / result.seconds, unit: 'mails/s' },
        'posted to heard on the stream, median': { value: percentile(heard, 50), unit: 'ms' },
        'posted to heard on the stream, at most': { value: Math.max(...heard), unit: 'ms' },
        'posted to mail accepted, median': { value: percentile(mailed, 50), unit: 'ms' },
        'posted to mail accepted, at most': { value: Math.max(...mailed), unit: 'ms' },
        ...cpuFigures('a mail with its share of the other work', { cpu, count: result.mails, unit: 'ms' }),
      },
      ratios: {},
    };
  });
}

/** People who spent something the day before, and whose digest is due. */
async function makeDue(client: Client, tenantId: string): Promise<void> {
  await client.query(
    `insert into users (tenant_id, id, email, registered_at, digest_due_at)
     select $1, 'd' || number, 'd' || number || '@example.com', '2026-11-01T00:00:00Z', '2026-11-10T08:30:00Z'
     from generate_series(1, $2::int) number`,
    [tenantId, digests],
  );
  await client.query('insert into categories (tenant_id, id) values ($1, $2)', [tenantId, 'food']);
  await client.query(
    `insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id, merchant,
       amount_minor, currency, spent_at, day)
     select $1, 'e' || number, '2026-11-09T12:00:00Z', 'e' || number, 'api', 'd' || number, 'food', 'SHOP', 100, 'USD',
       '2026-11-09T12:00:00Z', '2026-11-09'
     from generate_series(1, $2::int) number`,
    [tenantId, digests],
  );
  await client.query(
    `insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
     select tenant_id, user_id, day, category_id, currency, amount_minor, 1 from expenses`,
  );
  await client.query('vacuum analyze');
}

/** A new person with a rule that their one expense fills. */
async function watchOne(service: Service, userId: string): Promise<{ heardMs: number; mailedMs: number }> {
  const email = `${userId}@example.com`;
  await send(service, 'PUT', `/api/users/${userId}`, service.adminKey, { email });
  const { token } = await send<{ token: string }>(service, 'POST', '/api/tokens', service.adminKey, {
    userId,
  });
  await send(service, 'POST', '/api/smart-alerts/rules', token, {
    budgetAmount: '10.00',
    channels: ['in-app', 'email'],
    thresholds: [{ percent: 100, severity: 'critical' }],
  });
  const stream = await OpenStream.open(service.url, token);
  while (stream.spending.length === 0) await delay(3);
  const data = {
    expenseId: userId,
    userId,
    categoryId: 'food',
    amount: '10.00',
    currency: 'USD',
    spentAt: clockStart,
  };
  const postedAt = performance.now();
  await send(service, 'POST', '/api/events', service.apiKey, {
    id: userId,
    type: 'expense.created',
    time: clockStart,
    data,
  });
  while (stream.notifications.length === 0) await delay(1);
  const heardMs = performance.now() - postedAt;
  await stream.leave();
  while (!service.mails.has(email)) await delay(1);
  return { heardMs, mailedMs: (service.mails.get(email) ?? NaN) - postedAt };
}

async function send<T>(
  { url }: Service,
  method: string,
  path: string,
  credential: string,
  body: object,
): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
