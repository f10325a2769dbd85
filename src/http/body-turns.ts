/**
 * Lets one large body of a tenant be read and parsed at a time while other tenants post too. That of a webhook is read before, for its signature. A thousand events keep the
 * event loop for milliseconds, and those of sixty connections together for as long as a person notices. A body that waits
 * for its turn is not read. A tenant that posts alone waits for nothing.
 */
import type { FastifyRequest, onRequestAsyncHookHandler, preValidationAsyncHookHandler } from 'fastify';
import { Turns } from './turns.ts';

/** Bodies up to this size are parsed in less than a millisecond. */
const smallBytes = 64 * 1024;
/** Who has posted in this time posts. */
const postingMs = 5_000;

export class BodyTurns {
  /** When each tenant has posted last, the latest at the end. */
  readonly #posted = new Map<string, number>();
  readonly #turns = new Turns({
    atATime: 1,
    waitMs: 5_000,
    refusal: 'Too many large bodies of one tenant wait to be read.',
  });
  readonly #ends = new WeakMap<FastifyRequest, () => void>();

  /** A hook that must follow the one that checks who posts. */
  wait(
    tenantOf: (request: FastifyRequest) => string,
  ): onRequestAsyncHookHandler & preValidationAsyncHookHandler {
    return async (request, reply) => {
      const tenantId = tenantOf(request);
      const isAlone = this.#isAlone(tenantId);
      if (isAlone || isSmall(request)) return;
      this.#ends.set(request, await this.#turns.take(tenantId));
      // Who has left, or never sends the body, gives the turn back.
      if (reply.raw.closed) return this.end(request);
      reply.raw.once('close', () => this.end(request));
    };
  }

  #isAlone(tenantId: string): boolean {
    const now = performance.now();
    this.#posted.delete(tenantId);
    this.#posted.set(tenantId, now);
    for (const [id, at] of this.#posted) {
      if (at >= now - postingMs) return id === tenantId;
      this.#posted.delete(id);
    }
    return true;
  }

  /** To be called once the body has been parsed and checked. */
  end(request: FastifyRequest): void {
    const end = this.#ends.get(request);
    this.#ends.delete(request);
    end?.();
  }
}

/** A body whose length is not known may be large. */
const isSmall = ({ headers }: FastifyRequest): boolean => Number(headers['content-length']) <= smallBytes;
