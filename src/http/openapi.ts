/** The OpenAPI document, generated from the route schemas, and the reference page that shows it. */
import swagger from '@fastify/swagger';
import apiReference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import { allowOwnSourcesOnly } from './content-security.ts';
import { addExamples } from './reference/add-examples.ts';
import { namedSchemas, referToNamed } from './reference/named-schemas.ts';
import { SharedFiles } from './shared-files.ts';
import { version } from '../runtime/version.ts';

const bearer = (description: string, bearerFormat: string) =>
  ({ type: 'http', scheme: 'bearer', bearerFormat, description }) as const;

const tags = [
  {
    name: 'Events',
    description: 'For services: expenses as they happen. Everything else follows from them.',
  },
  {
    name: 'People and categories',
    description: 'For services: what they know of their people and categories, and what is kept of a person.',
  },
  { name: 'Rates of exchange', description: 'For services: the rates at which foreign amounts count.' },
  { name: 'Tokens', description: 'For services: the credentials of their people.' },
  { name: 'Providers', description: 'For providers of mail and SMS: what became of a message.' },
  {
    name: 'Rules',
    description: 'A person’s budgets, their levels, and why each alert was sent or not.',
  },
  { name: 'Notifications', description: 'What a person was told, as a list and as a live stream.' },
  { name: 'Spending', description: 'A person’s expenses, their sums and their categories.' },
  {
    name: 'Recommendations',
    description: 'Usual spending, and advice with the figures to check it.',
  },
  {
    name: 'Recurring charges',
    description: 'Rent, subscriptions and bills among a person’s expenses.',
  },
  {
    name: 'Anomalies',
    description: 'Charges out of the ordinary: unusual, double, dearer, missed or new.',
  },
  { name: 'Benchmarks', description: 'A person’s spending beside that of others; k-anonymous, k = 10.' },
  { name: 'Summary', description: 'The figures of one day.' },
  { name: 'Dashboard', description: 'All that a start page shows, in one call.' },
  {
    name: 'Preferences',
    description: 'When and on which channels a person may be interrupted.',
  },
  { name: 'Personal data', description: 'A person’s own name and addresses, export and erasure.' },
  { name: 'Operation', description: 'For the operator’s monitoring; without a credential.' },
];

/** Must be registered before the routes, because it collects them. */
export async function collectOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    transform: ({ schema, url }) => ({ schema: referToNamed(schema), url }),
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Spendwatch',
        version,
        description:
          'Services post expense events. People are notified, once and in time, when a budget is being overrun. Errors are RFC 9457 problem documents.',
      },
      servers: [{ url: '/', description: 'this service' }],
      tags,
      components: {
        schemas: namedSchemas(),
        securitySchemes: {
          apiKey: bearer('A service’s key, shown only when it is created.', 'swk_…'),
          webhookSignature: {
            type: 'apiKey',
            in: 'header',
            name: 'webhook-signature',
            description:
              'Standard Webhooks 1.0: one or more signatures separated by spaces, each `v1,` and the base64 of HMAC-SHA256(secret, `webhook-id.webhook-timestamp.body`). The secret is the part after `whsec_`, decoded from base64. Two secrets may be valid at once.',
          },
          twilioSignature: {
            type: 'apiKey',
            in: 'header',
            name: 'x-twilio-signature',
            description:
              'For SMS providers: the base64 of HMAC-SHA1(the account’s token, the URL followed by name and value of each form parameter, sorted by name).',
          },
          userToken: bearer('A person’s token, with the claims `sub`, `tenant`, `role` and `exp`.', 'JWT'),
        },
      },
    },
  });
}

function writeDocument(app: FastifyInstance): string {
  const document = app.swagger();
  addExamples(document);
  return JSON.stringify(document);
}

/** Must be registered after the routes. */
export async function serveReference(app: FastifyInstance): Promise<void> {
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs/'));
  const files = new SharedFiles();
  let document: string | null = null;
  await app.register(async (docs) => {
    docs.addHook('onSend', async (request, reply, payload) => files.share(request, reply, payload));
    docs.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
      // No route is added any more.
      document ??= writeDocument(app);
      return reply.type('application/json; charset=utf-8').send(document);
    });
    docs.addHook('onRequest', allowOwnSourcesOnly);
    await docs.register(apiReference, {
      routePrefix: '/docs',
      configuration: {
        url: '../openapi.json',
        pageTitle: 'Spendwatch API',
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        showDeveloperTools: 'never',
        agent: { disabled: true },
        mcp: { disabled: true },
      },
    });
  });
}
