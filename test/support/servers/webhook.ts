/** Posts to webhooks of a service, signed by the reference library. */
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeEach } from 'vitest';
import { type CreatedWebhookSource, createWebhookSource } from '../../../src/accounts/webhook-sources.ts';
import { type Answer, startService, type TestService } from './service.ts';

export type Sent = {
  sourceId?: string;
  secret?: string;
  /** Changes the content that is signed, but not the one that is sent. */
  signed?: (content: string) => string;
  timestamp?: number;
  contentType?: string;
  /** Adds headers or replaces those of the signature; null leaves one out. */
  headers?: Record<string, string | null>;
};

export const nowSeconds = (): number => Math.floor(Temporal.Now.instant().epochMilliseconds / 1000);

/** Signs by hand if the bytes are not text, which the library cannot sign. */
export function signatureOf(id: string, timestamp: number, content: string | Buffer, secret: string): string {
  if (typeof content === 'string') return new Webhook(secret).sign(id, new Date(timestamp * 1000), content);
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  return `v1,${hmac.update(`${id}.${timestamp}.`).update(content).digest('base64')}`;
}

export async function makeSource(
  { services: { db, clock } }: TestService,
  tenantId: string,
  ownIds = false,
): Promise<CreatedWebhookSource> {
  const made = await db.transaction([tenantId], (sql) =>
    createWebhookSource(sql, tenantId, clock.now(), { ownIds }),
  );
  if (!made) throw new Error('no source was made');
  return made;
}

export type WebhookWorld = {
  service: TestService;
  /** A new source for every test. */
  readonly source: CreatedWebhookSource;
  anotherSource(tenantId?: string): Promise<CreatedWebhookSource>;
  /** Posts to `source`. */
  send(body: unknown, sent?: Sent): Promise<Answer>;
  /** The HTTP status of reading an event. */
  statusOf(eventSource: string, id: string): Promise<number>;
};

/** A web for all tests of a file, called at its top and stopped after the last test. */
export async function webhookOfFile(): Promise<WebhookWorld> {
  const service = await startService({ roles: ['web'] });
  afterAll(() => service.stop());
  const anotherSource = (tenantId = service.tenant.tenantId) => makeSource(service, tenantId);
  let source = await anotherSource();
  beforeEach(async () => {
    source = await anotherSource();
  });
  return {
    service,
    get source() {
      return source;
    },
    anotherSource,
    send: (body, sent) => postWebhook(service.url, source, body, sent),
    statusOf: async (eventSource, id) => {
      const path = `/api/events/${encodeURIComponent(eventSource)}/${encodeURIComponent(id)}`;
      return (await service.get(path, service.tenant.apiKey)).status;
    },
  };
}

/** Posts as `source` would, with the changes of `sent`. Texts and bytes are sent unchanged. */
export async function postWebhook(
  url: string,
  source: CreatedWebhookSource,
  body: unknown,
  sent: Sent = {},
): Promise<Answer> {
  const content = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const answer = await fetch(`${url}/api/webhooks/${sent.sourceId ?? source.sourceId}`, {
    method: 'POST',
    headers: makeHeaders(content, { secret: source.secret, ...sent }),
    // `fetch` takes a view of its own and no Buffer.
    body: typeof content === 'string' ? content : new Uint8Array(content),
  });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

function makeHeaders(content: string | Buffer, sent: Sent & { secret: string }): [string, string][] {
  const { timestamp = nowSeconds(), contentType = 'application/json', secret, signed } = sent;
  const id = sent.headers?.['webhook-id'] ?? 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';
  const toSign = signed ? signed(content.toString()) : content;
  const headers = {
    'content-type': contentType,
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureOf(id, timestamp, toSign, secret),
    ...sent.headers,
  };
  return Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

let made = 0;

/** Makes a new event each time. */
export const expenseEvent = (changes: object = {}) => ({
  id: `evt_${(made += 1)}`,
  type: 'expense.created',
  time: '2026-11-10T11:59:00Z',
  data: {
    expenseId: `exp_${made}`,
    userId: 'u1',
    categoryId: 'groceries',
    merchant: 'CAFÉ 😀',
    amount: '42.10',
    currency: 'USD',
    spentAt: '2026-11-10T11:58:00Z',
  },
  ...changes,
});

export const accepted = (accepted: number, duplicates = 0) => ({
  status: 202,
  body: { accepted, duplicates, rejected: [] },
});

/** The answer to every bad signature, whatever is wrong with it. */
export const unsigned = (sourceId: string) => ({
  status: 401,
  body: {
    type: 'about:blank',
    title: 'Unauthorized',
    status: 401,
    detail: 'A good signature is needed here, as Standard Webhooks 1.0 describes it.',
    instance: `/api/webhooks/${sourceId}`,
  },
});
