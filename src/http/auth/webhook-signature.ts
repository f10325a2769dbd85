/**
 * Authenticates services by webhook: the message must be signed with an active secret of the source in the
 * path. Sources are cached for five seconds, so posts cost no query. A retired secret stops working within
 * that time. A new one works at once, because a signature that does not match the cached source causes a new
 * lookup.
 */
import type {
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
  preValidationAsyncHookHandler,
} from 'fastify';
import { machineTime } from '../../runtime/clock.ts';
import { findWebhookSource, nobodysSecret, type WebhookSource } from '../../accounts/webhook-sources.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { Problem, tooManyRequests } from '../errors/problem.ts';
import { TtlCache } from './ttl-cache.ts';
import { isSignedWith, isTimely, readMessage, type SignedMessage } from './standard-webhook.ts';

type Signer = { tenantId: string; sourceId: string; ownIds: boolean };

declare module 'fastify' {
  interface FastifyRequest {
    /** The signer. Set only on routes behind `WebhookSources.verify`. */
    webhook: Signer;
    /** The source that the path names. Set only on routes behind `WebhookSources.screen`. */
    webhookSource: WebhookSource;
  }
}

/** The body is raw and parsed only after its signature is verified. */
export type WebhookRequest = { Params: { sourceId: string }; Body: Buffer | undefined };

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const remembered = { maxAgeMs: 5_000, maxSize: 10_000 };

/** Bodies above this size count towards the bound on those that are not verified yet. */
const smallBytes = 64 * 1024;
/** Larger than that many bodies of full size. */
const unverifiedBytes = 32 * 1024 * 1024;

export class WebhookSources {
  readonly #deps: Pick<HttpDependencies, 'ingestDb' | 'clock'>;
  /**
   * Holds only sources with a verified signature. Others can neither fill the cache nor find out its entries.
   */
  readonly #recent = new TtlCache<WebhookSource>(remembered);

  /** The bytes of large bodies that are being received and verified. */
  #unverifiedBytes = 0;

  constructor(deps: Pick<HttpDependencies, 'ingestDb' | 'clock'>) {
    this.#deps = deps;
  }

  /**
   * An `onRequest` hook, which runs before the body is read. It answers 401 for headers without a signature and for an
   * unknown source, and 429 while too much is being received that is not verified yet.
   */
  screen(): onRequestAsyncHookHandler {
    return async (request, reply) => {
      // The hook's type does not know the route. Routes behind it declare these parameters and this body.
      const { headers, params } = request as FastifyRequest<WebhookRequest>;
      const message = readMessage(headers, Buffer.alloc(0));
      const sourceId = params.sourceId.toLowerCase();
      if (!message || !uuidShape.test(sourceId) || !isTimely(message, this.#machineNow())) throw unsigned();
      const source =
        this.#recent.get(sourceId) ?? (await findWebhookSource(this.#deps.ingestDb.sql, sourceId));
      if (source.tenantId === null) throw unsigned();
      this.#bound(request, reply);
      request.webhookSource = source;
    };
  }

  /** A `preValidation` hook, which runs before the body is parsed. It answers 401 without a valid signature. */
  verify(): preValidationAsyncHookHandler {
    return async (request) => {
      request.webhook = await this.#signerOf(request as FastifyRequest<WebhookRequest>);
    };
  }

  #bound({ headers, routeOptions: { bodyLimit } }: FastifyRequest, reply: FastifyReply): void {
    const bytes = Math.min(Number(headers['content-length'] ?? bodyLimit), bodyLimit);
    if (bytes <= smallBytes) return;
    if (this.#unverifiedBytes + bytes > unverifiedBytes)
      throw tooManyRequests('Too many large bodies are being received.', 1);
    this.#unverifiedBytes += bytes;
    reply.raw.once('close', () => {
      this.#unverifiedBytes -= bytes;
    });
  }

  /** A source that was cached is looked up again if it did not sign, as it may have a new secret. */
  async #signerOf({ headers, body, webhookSource: source }: FastifyRequest<WebhookRequest>): Promise<Signer> {
    const message = readMessage(headers, body ?? Buffer.alloc(0));
    if (!message) throw unsigned();
    const { sourceId } = source;
    const known = this.#signer(source, message);
    if (known && !this.#recent.get(sourceId)) this.#recent.set(sourceId, source);
    if (known) return known;
    const found = await findWebhookSource(this.#deps.ingestDb.sql, sourceId);
    const signer = this.#signer(found, message);
    if (!signer) throw unsigned();
    this.#recent.set(sourceId, found);
    return signer;
  }

  /** Null if no active secret of the source signed the message. */
  #signer(source: WebhookSource, message: SignedMessage): Signer | null {
    const { tenantId, sourceId, ownIds, secret, previous } = source;
    const isPreviousLive = Temporal.Instant.compare(this.#machineNow(), previous.endsAt) < 0;
    const secrets = [secret, isPreviousLive ? previous.secret : nobodysSecret];
    const signed = secrets.filter((each) => isSignedWith(each, message));
    return tenantId !== null && signed.length > 0 ? { tenantId, sourceId, ownIds } : null;
  }

  /** Signatures are checked against the machine's time, even if the service's clock is set to another. */
  #machineNow(): Temporal.Instant {
    const { clock } = this.#deps;
    return machineTime(clock.now(), clock);
  }
}

/** The answer is the same for every reason. */
const unsigned = (): Problem =>
  new Problem(401, {
    detail: 'A good signature is needed here, as Standard Webhooks 1.0 describes it.',
    headers: { 'www-authenticate': 'Webhook realm="spendwatch"' },
  });
