/**
 * Lets few writes of one person run at a time in this process. Writes of a person wait for each other's locks anyway, and
 * each that waits holds a connection that others need. A turn is taken before a connection is.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TooLate, within } from '../runtime/within.ts';
import { personKey, type PersonRef } from '../values/refs.ts';
import { tooManyRequests } from './errors/problem.ts';

const writesAtATime = 2;
/** A write waits at most this long for its turn. */
const waitMs = 2_000;

/** `waiting`: called in their order, each when it gets its turn. */
type Turns = { running: number; waiting: (() => void)[] };

export class WriteTurns {
  readonly #people = new Map<string, Turns>();

  /** Runs `write` once it is its turn, and throws 429 if that takes more than two seconds. */
  async run<T>(person: PersonRef, write: () => T): Promise<Awaited<T>> {
    const key = personKey(person);
    const turns = this.#people.get(key) ?? { running: 0, waiting: [] };
    this.#people.set(key, turns);
    if (turns.running < writesAtATime) turns.running += 1;
    else await takeTurn(turns);
    try {
      return await write();
    } finally {
      this.#end(key, turns);
    }
  }

  /** Gives the turn to the next, if there is one. */
  #end(key: string, turns: Turns): void {
    const next = turns.waiting.shift();
    if (next) return next();
    turns.running -= 1;
    if (turns.running === 0) this.#people.delete(key);
  }
}

async function takeTurn(turns: Turns): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  turns.waiting.push(resolve);
  try {
    await within(waitMs, promise);
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    const at = turns.waiting.indexOf(resolve);
    // The turn came at the last moment.
    if (at < 0) return;
    turns.waiting.splice(at, 1);
    throw tooManyRequests(`At most ${writesAtATime} changes of one person are made at a time.`, 1);
  }
}

const writes: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Every write among the routes that `app` gets from now on takes a turn of the person whom `personOf` names. The turn
 * lasts until the handler ends, even if the request was answered by its deadline or its caller has left.
 */
export function limitWrites(
  app: FastifyInstance,
  turns: WriteTurns,
  personOf: (request: FastifyRequest) => PersonRef | null,
): void {
  app.addHook('onRoute', (route) => {
    if (![route.method].flat().some((method) => writes.has(method))) return;
    const { handler } = route;
    route.handler = function takeTurnFirst(request, reply) {
      const person = personOf(request);
      const handle = () => handler.call(this, request, reply);
      return person ? turns.run(person, handle) : handle();
    };
  });
}

/** The person whom a service changes: the one in the path, like `/users/:userId`. */
export function personInPath({ service, params }: FastifyRequest): PersonRef | null {
  const userId: unknown = Reflect.get(Object(params), 'userId');
  return typeof userId === 'string' ? { tenantId: service.tenantId, userId } : null;
}
