/**
 * Lets few writes of one person run at a time in this process. Writes of a person wait for each other's locks anyway, and
 * each that waits holds a connection that others need. A turn is taken before a connection is.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { personKey, type PersonRef } from '../values/refs.ts';
import { Turns } from './turns.ts';

const writesAtATime = 2;

export const createWriteTurns = (): Turns =>
  new Turns({
    atATime: writesAtATime,
    waitMs: 2_000,
    refusal: `At most ${writesAtATime} changes of one person are made at a time.`,
  });

const writes: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Every write among the routes that `app` gets from now on takes a turn of the person whom `personOf` names. The turn
 * lasts until the handler ends, even if the request was answered by its deadline or its caller has left.
 */
export function limitWrites(
  app: FastifyInstance,
  turns: Turns,
  personOf: (request: FastifyRequest) => PersonRef | null,
): void {
  app.addHook('onRoute', (route) => {
    if (![route.method].flat().some((method) => writes.has(method))) return;
    const { handler } = route;
    route.handler = async function takeTurnFirst(request, reply) {
      const person = personOf(request);
      const end = person && (await turns.take(personKey(person)));
      try {
        return await handler.call(this, request, reply);
      } finally {
        end?.();
      }
    };
  });
}

/** The person whom a service changes: the one in the path, like `/users/:userId`. */
export function personInPath({ service, params }: FastifyRequest): PersonRef | null {
  const userId: unknown = Reflect.get(Object(params), 'userId');
  return typeof userId === 'string' ? { tenantId: service.tenantId, userId } : null;
}
