/** Large bodies of one tenant are read one at a time while another tenant posts too. */
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';
import { expenseEvent } from '../../support/servers/webhook.ts';

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

/** Begins a large body and never sends it. Resolves once the service has read its headers and asks for the body. */
async function hold({ apiKey }: TestTenant): Promise<Socket> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  sockets.push(socket);
  const head = `POST /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\n`;
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
  const first = await hold(service.tenant);
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
  await hold(service.tenant);
  await hold(service.tenant);
  expect((await post(service.tenant, 1000)).status).toBe(202);
});
