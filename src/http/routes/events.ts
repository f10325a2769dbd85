/** Routes for services to post expense events and to read an event's status. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { readEventStatus } from '../../ingest/sql/read-event-status.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import { isBinaryMode, readBinaryEvent } from '../binary-mode.ts';
import type { BodyTurns } from '../body-turns.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { createIntake, refuseWhenFull } from '../intake.ts';
import { acceptEvents, assertContentMode, eventMediaTypes } from '../media-types.ts';
import { notFound, problemResponse, problems } from '../errors/problem.ts';
import {
  binaryHeaders,
  eventParams,
  eventsLimitBytes,
  eventStatus,
  postedBody,
  rejectedEvents,
  takenEvents,
} from '../schemas/event.ts';

const tags = ['Events'];
const security = [{ apiKey: [] }];

export function eventRoutes(deps: HttpDependencies, keys: ApiKeys, bodies: BodyTurns): FastifyPluginAsync {
  const tenantOf = ({ service }: FastifyRequest): string => service.tenantId;
  return async (app) => {
    acceptEvents(app);
    const intake = createIntake(deps);

    app.post('/events', {
      onRequest: [keys.require('ingest'), refuseWhenFull(deps, tenantOf), bodies.wait(tenantOf)],
      bodyLimit: eventsLimitBytes,
      schema: postEvents,
      // The intake validates each event separately. The schema is for the reference only.
      validatorCompiler: () => () => true,
      handler: async (request, reply) => {
        assertContentMode(request.mediaType, request.body);
        const body = isBinaryMode(request) ? readBinaryEvent(request) : request.body;
        const answer = await intake(body, request.service, () => bodies.end(request));
        return reply.code(202).send(answer);
      },
    });

    app.get<{ Params: Static<typeof eventParams> }>('/events/:source/:id', {
      onRequest: keys.require('ingest'),
      schema: getEvent,
      handler: async (request) => {
        const status = await deps.db.transaction([request.service.tenantId], (sql) =>
          readEventStatus(sql, { ...request.service, ...request.params }),
        );
        if (!status) throw notFound();
        return status;
      },
    });
  };
}

const postEvents = {
  tags,
  security,
  operationId: 'postEvents',
  summary: 'Post expense events',
  description:
    'One CloudEvents 1.0 event about an expense, or an array of 1 to 1,000. Each event is checked separately. The answer comes once the accepted ones are durable. Posting an event again is harmless. For an array, the answer has the first error of each rejected event. Attributes beside `data` that are not named here are CloudEvents extensions and ignored. Unknown fields in `data` are rejected. In the binary mode of CloudEvents the body is the data of one event, sent as `application/json`. Its attributes are in headers `ce-id`, `ce-type` and so on, percent-encoded. Pointers then are those of the same event in structured mode.',
  consumes: [...eventMediaTypes],
  headers: binaryHeaders,
  body: postedBody,
  response: {
    202: takenEvents,
    ...problems(401, 404, 409, 413, 415, 429),
    400: problemResponse(400, { rejected: rejectedEvents }),
  },
};

const getEvent = {
  tags,
  security,
  operationId: 'getEventStatus',
  summary: 'Read the status of an event',
  description:
    'Shows whether an event has been evaluated. An event without a `source` has the source `api`: `/api/events/api/evt_1`.',
  params: eventParams,
  response: { 200: eventStatus, ...problems(401, 404) },
};
