/**
 * Makes a budget, overspends it and prints each notification as it arrives on the person's stream.
 * The first expense goes out with the API key, the second as a signed webhook.
 */
import { createHmac, randomUUID } from 'node:crypto';

type Notification = { ruleId?: string; severity: string; title: string; message: string };

const url = process.env['SPENDWATCH_URL'] ?? 'http://127.0.0.1:3000';
const service = { authorization: `Bearer ${readSetting('KEY')}` };
const person = { authorization: `Bearer ${readSetting('TOKEN')}` };
const webhook = `/api/webhooks/${readSetting('SOURCE')}`;
const secret = Buffer.from(readSetting('SECRET').replace('whsec_', ''), 'base64');
setTimeout(() => fail('no alert came within 30 seconds: is a worker running?'), 30_000).unref();

const categoryId = `coffee-${randomUUID()}`;
const budget = JSON.stringify({ name: 'Coffee', categoryId, budgetAmount: '100.00', currency: 'USD' });
const made = await call('/api/smart-alerts/rules', person, budget);
const { data: rule } = (await made.json()) as { data: { id: string } };

const stream = await call('/api/smart-alerts/stream', person);
await call('/api/events', service, createExpense('120.00'));
const second = createExpense('40.00');
for await (const { ruleId, severity, title, message } of readNotifications(stream)) {
  if (ruleId !== rule.id) continue;
  process.stdout.write(`${severity}: ${title}. ${message}\n`);
  if (severity === 'critical') break;
  await call(webhook, sign(second), second);
}

function createExpense(amount: string): string {
  const [id, now] = [randomUUID(), new Date().toISOString()];
  const data = { expenseId: id, userId: 'me', categoryId, amount, currency: 'USD', spentAt: now };
  return JSON.stringify({ id, type: 'expense.created', time: now, data });
}

/** Standard Webhooks 1.0: the HMAC covers the message's id, its time and its body. */
function sign(body: string): Record<string, string> {
  const [id, seconds] = [`msg_${randomUUID()}`, String(Math.floor(Date.now() / 1000))];
  const signature = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}

/** Posts the body where there is one, else gets. */
async function call(path: string, headers: Record<string, string>, body?: string): Promise<Response> {
  const post = body === undefined ? {} : { method: 'POST', body };
  const request = { headers: { 'content-type': 'application/json', ...headers }, ...post };
  const answer = await fetch(url + path, request).catch(() => fail(`no service answers at ${url}`));
  return answer.ok ? answer : fail(`${path} answered ${answer.status}: ${await answer.text()}`);
}

/** Events of the stream end with an empty line. Leaving the loop closes the connection. */
async function* readNotifications({ body }: Response): AsyncGenerator<Notification> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = `${text}${chunk}`.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^event: notification\ndata: (?<data>.*)$/m.exec(event)?.groups?.['data'];
      if (data) yield JSON.parse(data) as Notification;
    }
  }
  fail('the service ended the stream');
}

function readSetting(name: string): string {
  return process.env[name] || fail(`${name} is not set: examples/README.md says where it comes from`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
