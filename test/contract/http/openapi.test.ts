import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decisionOutcomes } from '../../../src/alerts/decide/evaluation.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { promised } from '../../support/worlds/openapi/promised-calls.ts';

type Operation = {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[];
  responses: Record<string, { description?: string; content?: Record<string, { schema: unknown }> }>;
};
type OpenApi = {
  openapi: string;
  info: { title: string; version: string };
  tags: { name: string; description?: string }[];
  components: { securitySchemes: Record<string, unknown>; schemas: Record<string, unknown> };
  paths: Record<string, Record<string, Operation>>;
};

let service: TestService;
let document: OpenApi;
let operations: [string, Operation][];
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
  document = (await service.get('/openapi.json')).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
});
afterAll(() => service.stop());

describe('the OpenAPI document', () => {
  test('has version 3.1 and names the service', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({
      title: 'Spendwatch',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  test('has every documented call', () => {
    expect(operations.map(([name]) => name)).toEqual(expect.arrayContaining(promised));
  });

  test('has no operator page', () => {
    expect(Object.keys(document.paths).filter((path) => /^\/(admin|docs)/.test(path))).toEqual([]);
  });

  test('explains every call, its callers and its success response', () => {
    const found = operations.map(([name, { responses, security, ...texts }]) => ({
      name,
      isExplained: Boolean(texts.summary && texts.description && texts.tags?.length === 1),
      successes: Object.keys(responses).filter((status) => status.startsWith('2')).length,
      callers: security?.flatMap(Object.keys) ?? [],
    }));
    // Rates that cover many expenses are answered before those are priced anew.
    const successes = new Map([['PUT /api/fx-rates', 2]]);
    const wanted = operations.map(([name]) => ({
      name,
      isExplained: true,
      successes: successes.get(name) ?? 1,
      callers: callersOf(name),
    }));
    expect(found).toEqual(wanted);
  });

  test('names every call as a verb and a noun, and no two alike', () => {
    const names = operations.map(([, { operationId = '' }]) => operationId);
    expect(names.filter((name) => !/^[a-z]+(?:[A-Z][a-z]+)+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('describes every tag, and has none without a call', () => {
    const used = new Set(operations.flatMap(([, { tags = [] }]) => tags));
    expect(new Set(document.tags.map(({ name }) => name))).toEqual(used);
    expect(document.tags.filter(({ description }) => !description)).toEqual([]);
  });

  test('writes each schema of its own once, and refers to it by its name', () => {
    const text = JSON.stringify(document);
    const { schemas } = document.components;
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    expect(unused).toEqual([]);
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(['ExpenseEvent', 'Rule', 'Notification', 'Decision', 'Preferences', 'Problem']),
    );
    // An object with this many fields is a thing of its own: it would be written at each of its calls.
    const large = Object.entries(document.paths).flatMap(([path, methods]) =>
      [...JSON.stringify(methods).matchAll(/"required":\[(?<names>[^\]]+)\]/g)]
        .filter(({ groups }) => (groups?.['names'] ?? '').split(',').length > 5)
        .map(() => path),
    );
    expect(large).toEqual([]);
  });

  test('needs no field and no parameter that has a default', () => {
    const needed = operations.flatMap(([name, { parameters = [] }]) =>
      parameters
        .filter(({ required, schema }) => required && 'default' in Object(schema))
        .map((parameter) => `${name} ${parameter.name}`),
    );
    expect(needed).toEqual([]);
    expect(document.components.schemas['TokenRequest']).toMatchObject({ required: ['userId'] });
  });

  test('describes every response', () => {
    const silent = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([, { description }]) => !description || description === 'Default Response')
        .map(([status]) => `${name} ${status}`),
    );
    expect(silent).toEqual([]);
  });

  test('explains every outcome of a decision', () => {
    const text = JSON.stringify(document.components.schemas['Decision']);
    expect(decisionOutcomes.filter((outcome) => !text.includes(`- \`${outcome}\`: `))).toEqual([]);
  });

  test('declares the parameters of every path', () => {
    const declared = operations.map(
      ([name, { parameters = [] }]) =>
        [
          name,
          parameters.filter((parameter) => parameter.in === 'path' && parameter.required && parameter.schema),
        ] as const,
    );
    const names = declared.map(([name, inPath]) => [
      name,
      new Set(inPath.map((parameter) => parameter.name)),
    ]);
    const wanted = operations.map(([name]) => [
      name,
      new Set([...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)),
    ]);
    expect(names).toEqual(wanted);
  });

  test('documents API errors as problem documents', () => {
    const ofApi = operations.filter(([name]) => name.includes(' /api/'));
    const silent = ofApi.filter(
      ([name, { responses }]) => !responses['503'] || (callersOf(name).length > 0 && !responses['401']),
    );
    expect(silent.map(([name]) => name)).toEqual([]);
    const mediaTypes = ofApi.flatMap(([, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => /^[45]/.test(status))
        .flatMap(([, response]) => Object.keys(response.content ?? { none: '' })),
    );
    expect(new Set(mediaTypes)).toEqual(new Set(['application/problem+json']));
  });

  test('documents the headers and responses of a signed webhook', () => {
    const { parameters = [], responses } = document.paths['/api/webhooks/{sourceId}']?.['post'] ?? {
      responses: {},
    };
    const headers = parameters.filter((parameter) => parameter.in === 'header');
    expect(headers.map(({ name, required }) => ({ name, required }))).toEqual([
      { name: 'webhook-id', required: true },
      { name: 'webhook-timestamp', required: true },
    ]);
    expect(document.components.securitySchemes['webhookSignature']).toMatchObject({
      in: 'header',
      name: 'webhook-signature',
    });
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['202', '400', '401', '409', '413', '415']),
    );
  });

  test('has no unresolved reference', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path.split('/'));
    const open = references.filter(
      (steps) => steps.reduce<unknown>((at, step) => Object(at)[step], document) === undefined,
    );
    expect(open).toEqual([]);
    expect(text).not.toContain('~refine');
  });
});

function callersOf(name: string): string[] {
  // The link itself is the credential.
  if (name.includes('/unsubscribe/')) return [];
  if (name.includes(' /api/smart-alerts/')) return ['userToken'];
  if (name.includes(' /api/webhooks/')) return ['webhookSignature'];
  if (name === 'POST /api/providers/sms/inbound') return ['twilioSignature'];
  if (name.includes(' /api/providers/')) return ['webhookSignature', 'twilioSignature'];
  return name.includes(' /api/') ? ['apiKey'] : [];
}

test('the root URL redirects to the API reference', async () => {
  const answer = await fetch(service.url, { redirect: 'manual' });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('location')).toBe('/docs/');
  expect(await (await fetch(service.url)).text()).toContain('Spendwatch API');
});

test('the API reference loads from the service alone', async () => {
  const page = await service.get('/docs/');
  expect(page.status).toBe(200);
  expect(page.body).not.toMatch(/https?:\/\//);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect((await service.get('/docs/js/scalar.js')).status).toBe(200);
});

test('there is no API reference if it is switched off', async () => {
  const closed = await startService({ roles: ['web'], env: { API_REFERENCE: 'off' } });
  try {
    const paths = ['/', '/docs/', '/docs/js/scalar.js', '/openapi.json'];
    const statuses = await Promise.all(paths.map(async (each) => (await fetch(closed.url + each)).status));
    expect(statuses).toEqual([404, 404, 404, 404]);
  } finally {
    await closed.stop();
  }
});

describe('the queue dashboard', () => {
  const board = (path: string, url = service.url) =>
    fetch(url + path, { headers: { authorization: `Basic ${btoa('operator:operator-password')}` } });

  test('shows every queue', async () => {
    expect((await board('/admin/queues')).status).toBe(200);
    // The response is Bull Board's; only the names of its queues are used.
    const { queues } = (await (await board('/admin/queues/api/queues')).json()) as {
      queues: { name: string }[];
    };
    const names = service.services.queues.all.map((queue) => queue.name);
    expect(new Set(queues.map((queue) => queue.name))).toEqual(new Set(names));
  });

  test('is 404 if no operator is configured', async () => {
    const closed = await startService({ roles: ['web'], env: { OPERATOR_USER: '', OPERATOR_PASSWORD: '' } });
    try {
      expect((await board('/admin/queues', closed.url)).status).toBe(404);
    } finally {
      await closed.stop();
    }
  });
});

test('the metrics time requests by route', async () => {
  await service.get('/api/events/cards/some-id', service.tenant.apiKey);
  const { body, headers } = await service.get('/metrics');
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  expect(body).toContain('route="/api/events/:source/:id",status="404"');
  const names = [...String(body).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(names.filter((name) => !name?.startsWith('spendwatch_'))).toEqual([]);
});
