/** People follow live what they are told, and how their rules stand: server-sent events. */
import { fastifySSE } from '@fastify/sse';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { readStreamStart } from '../../notify/sql/read-stream.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { Problem, problems } from '../errors/problem.ts';
import { streamEvents } from '../stream/events.ts';
import { Streams } from '../stream/streams.ts';
import { validForMs } from '../auth/tokens.ts';

/** Proxies and phones forget a connection on which nothing comes for a minute, some for half of it. */
const heartbeatMs = 15_000;
/** The longest a timer of Node can wait; a token may be valid for longer, and its stream ends all the same. */
const longestTimerMs = 2 ** 31 - 1;

export function streamRoutes(deps: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    const streams = new Streams(deps);
    app.addHook('preClose', async () => streams.close());
    await app.register(fastifySSE, { heartbeatInterval: heartbeatMs });
    app.get('/stream', {
      schema: getStream,
      sse: 'manual',
      // It would never end.
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const { person } = request;
        const lastSeen = lastSeenBy(request);
        const stream = streams.admit(person, reply);
        if (!stream) return;
        const start = await deps.db.transaction([person.tenantId], (sql) =>
          readStreamStart(sql, person, lastSeen),
        );
        // The database took so long that the request was answered meanwhile, or the client has gone.
        if (reply.sent || reply.raw.closed) return;
        streams.begin(stream, start);
        const expiry = setTimeout(() => stream.end(), lifetimeMs(request)).unref();
        reply.raw.once('close', () => clearTimeout(expiry));
      },
    });
  };
}

const number = /^[0-9]{1,18}$/;

/** Null where the client has seen nothing yet. */
function lastSeenBy({ headers }: FastifyRequest): string | null {
  const seen = headers['last-event-id'];
  if (seen === undefined || seen === '') return null;
  if (typeof seen === 'string' && number.test(seen)) return seen;
  throw new Problem(400, { detail: 'Last-Event-ID must be the id of an event of this stream, a number.' });
}

const lifetimeMs = (request: FastifyRequest): number =>
  Math.min(validForMs(bearerOf(request) ?? ''), longestTimerMs);

const getStream = {
  tags: ['Notifications'],
  security: [{ userToken: [] }],
  summary: 'Follow one’s notifications and spending live',
  description: `Server-sent events, until either side ends the connection; the token’s expiry ends it too.

- \`notification\`: as in the list of notifications, each with an id that counts up. A client that sends the last one it saw as \`Last-Event-ID\` gets all that came after it, in order, each once, whichever process serves it. Without it the stream begins with what comes next; an id beyond the last one given counts as that one.
- \`spending\`: how a rule stands, of every active rule at the beginning and then of each that changes, within a second or two. They carry no id: they say what is, not what happened.

A comment every 15 seconds keeps the connection alive. At most six streams are open to one person in each web process; a reader who takes nothing for half a minute is cut off, and resumes by the id.`,
  headers: Type.Object({
    'last-event-id': Type.Optional(
      Type.String({ description: 'the id of the last event seen', examples: ['42'] }),
    ),
  }),
  response: {
    200: {
      description: 'The events, one after another.',
      content: { 'text/event-stream': { schema: streamEvents } },
    },
    ...problems(400, 401, 429),
  },
};
