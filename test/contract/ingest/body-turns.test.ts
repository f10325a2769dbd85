/** Large bodies of one tenant are read one at a time while another tenant posts too. */
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';
import { expenseEvent, makeSource, nowSeconds, postWebhook } from '../../support/servers/webhook.ts';

let service: TestService;
const sockets: Socket[] = [];
beforeEach(async () => {
  service = await startService({ roles: ['web'] });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await service.stop();
});

const post = ({ apiKey }: TestTenant, events: number) => {
  const body = Array.from({ length: events }, () => expenseEvent());
  return service.post('/api/events', body, apiKey);
};

const withKey = ({ apiKey }: TestTenant) => ({ authorization: `Bearer ${apiKey}` });

/** Begins a large body and never sends it. Resolves once the service has read its headers and asks for the body. */
async function hold(path: string, headers: Record<string, string>): Promise<Socket> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  sockets.push(socket);
  const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\n${given.join('')}`;
  const continued = new Promise((resolve) => socket.once('data', resolve));
  socket.write(
    `${head}Content-Type: application/json\r\nContent-Length: 300000\r\nExpect: 100-continue\r\n\r\n`,
  );
  expect(String(await continued)).toContain('100 Continue');
  return socket;
}

test('a second one waits until the first is read, and then is taken; others wait for nothing', async () => {
  const other = await service.anotherTenant();
  expect((await post(other, 1)).status).toBe(202);
  const first = await hold('/api/events', withKey(service.tenant));
  // The hook runs after the headers were read.
  await post(other, 1);
  let isAnswered = false;
  const second = post(service.tenant, 1000).finally(() => (isAnswered = true));
  expect((await post(service.tenant, 1)).status).toBe(202);
  expect((await post(other, 1000)).status).toBe(202);
  expect(isAnswered).toBe(false);
  first.destroy();
  expect((await second).status).toBe(202);
});

test('a tenant that posts alone sends as many at a time as it likes', async () => {
  await hold('/api/events', withKey(service.tenant));
  await hold('/api/events', withKey(service.tenant));
  expect((await post(service.tenant, 1000)).status).toBe(202);
});

test('a stranger who knows the address of a webhook takes no turn of its tenant', async () => {
  const { sourceId } = await makeSource(service, service.tenant.tenantId);
  expect((await post(await service.anotherTenant(), 1)).status).toBe(202);
  await hold(`/api/webhooks/${sourceId}`, {
    'webhook-id': 'forged',
    'webhook-timestamp': String(nowSeconds()),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
  });
  expect((await post(service.tenant, 1000)).status).toBe(202);
  const answer = await postWebhook(service.url, await makeSource(service, service.tenant.tenantId), [
    expenseEvent(),
  ]);
  expect(answer.status).toBe(202);
});
