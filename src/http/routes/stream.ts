/** The live stream of a person's notifications and budget progress, as server-sent events. */
import { fastifySSE } from '@fastify/sse';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { readStreamStart } from '../../notify/sql/read-stream.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { Problem, problems } from '../errors/problem.ts';
import { streamEvents } from '../stream/events.ts';
import type { Stream } from '../stream/stream.ts';
import { Streams } from '../stream/streams.ts';
import { openFilesLimit } from '../../runtime/open-files.ts';
import { type Claims, validForMs } from '../auth/tokens.ts';

/** Proxies and phones drop a connection without data after a minute, some after half a minute. */
const heartbeatMs = 15_000;
const checkTokenEveryMs = 5_000;
/** The longest timer of Node. A token may be valid for longer, but its stream still ends then. */
const longestTimerMs = 2 ** 31 - 1;

/** Something that may end a token before its time. */
type Ending = { has(person: Claims): Promise<boolean> };

export function streamRoutes(deps: HttpDependencies, endings: readonly Ending[]): FastifyPluginAsync {
  return async (app) => {
    const streams = new Streams({ ...deps, openFiles: openFilesLimit() });
    app.addHook('preClose', async () => streams.close());
    await app.register(fastifySSE, { heartbeatInterval: heartbeatMs });
    app.get('/stream', {
      schema: getStream,
      sse: 'manual',
      // A HEAD request would never end.
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const { person } = request;
        const lastSeen = lastSeenBy(request);
        const stream = streams.admit(person, reply);
        if (!stream) return;
        const start = await deps.db.transaction([person.tenantId], (sql) =>
          readStreamStart(sql, person, lastSeen),
        );
        // The request was answered by the deadline in the meantime, or the client has left.
        if (reply.sent || reply.raw.closed) return;
        streams.begin(stream, start);
        const expiry = setTimeout(() => stream.end(), lifetimeMs(request)).unref();
        const check = setInterval(
          () => void endIfEnded(deps, endings, stream, person),
          checkTokenEveryMs,
        ).unref();
        reply.raw.once('close', () => {
          clearTimeout(expiry);
          clearInterval(check);
        });
      },
    });
  };
}

/** The token may be ended while its stream is open. An outage ends no stream. */
async function endIfEnded(
  { log }: HttpDependencies,
  endings: readonly Ending[],
  stream: Stream,
  person: Claims,
): Promise<void> {
  try {
    const found = await Promise.all(endings.map((ending) => ending.has(person)));
    if (found.includes(true)) stream.end();
  } catch (err) {
    log.debug({ err }, 'a stream’s token was not checked again');
  }
}

const number = /^[0-9]{1,18}$/;

/** Null if the client has seen no event yet. */
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
  operationId: 'streamNotifications',
  summary: 'Follow one’s notifications and spending live',
  description: `Server-sent events, until either side or the end of the token ends the connection.

- \`notification\`: as in the list of notifications, each with an increasing id. A client that sends its last id as \`Last-Event-ID\` gets all later notifications, in order and once, from any process. Without it the stream begins with the next notification. An id beyond the last one counts as the last one.
- \`spending\`: a rule’s budget progress. Every active rule is sent at the beginning, and then each that changes: within a second or two after an expense or a change of the rule, and within a minute after anything else. These events have no id, because they describe a state.

A comment every 15 seconds keeps the connection alive. A person may have six streams open in each web process. A reader that accepts nothing for half a minute is disconnected, and can resume by the id.`,
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
