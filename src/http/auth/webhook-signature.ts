/**
 * Authenticates services by webhook: the message must be signed with an active secret of the source in the
 * path. Sources are cached for five seconds, so posts cost no query. A retired secret stops working within
 * that time. A new one works at once, because a signature that does not match the cached source causes a new
 * lookup.
 */
import type { FastifyRequest, preValidationAsyncHookHandler } from 'fastify';
import { machineTime } from '../../runtime/clock.ts';
import { findWebhookSource, nobodysSecret, type WebhookSource } from '../../accounts/webhook-sources.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { Problem } from '../errors/problem.ts';
import { TtlCache } from './ttl-cache.ts';
import { isSignedWith, isTimely, readMessage, type SignedMessage } from './standard-webhook.ts';

type Signer = { tenantId: string; sourceId: string };

declare module 'fastify' {
  interface FastifyRequest {
    /** The signer. Set only on routes behind `WebhookSources.require`. */
    webhook: Signer;
  }
}

/** The body is raw and parsed only after its signature is verified. */
export type WebhookRequest = { Params: { sourceId: string }; Body: Buffer | undefined };

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const remembered = { maxAgeMs: 5_000, maxSize: 10_000 };

/** Checked if no source is cached, so that it takes as long. */
const noSource: WebhookSource = {
  sourceId: '',
  tenantId: null,
  secret: nobodysSecret,
  previous: { secret: nobodysSecret, endsAt: Temporal.Instant.fromEpochMilliseconds(0) },
};

export class WebhookSources {
  readonly #deps: Pick<HttpDependencies, 'db' | 'clock'>;
  /**
   * Holds only sources with a verified signature. Others can neither fill the cache nor find out its entries.
   */
  readonly #recent = new TtlCache<WebhookSource>(remembered);

  constructor(deps: Pick<HttpDependencies, 'db' | 'clock'>) {
    this.#deps = deps;
  }

  /**
   * A `preValidation` hook, which runs before the body is parsed. It answers 401 without a valid signature.
   */
  require(): preValidationAsyncHookHandler {
    return async (request) => {
      // The hook's type does not know the route. Routes behind it declare these parameters and this body.
      request.webhook = await this.#signerOf(request as FastifyRequest<WebhookRequest>);
    };
  }

  /** Every failure does the same work, one query and as many digests, whether the source exists or not. */
  async #signerOf({ headers, params, body }: FastifyRequest<WebhookRequest>): Promise<Signer> {
    const message = readMessage(headers, body ?? Buffer.alloc(0));
    const sourceId = params.sourceId.toLowerCase();
    if (!message || !uuidShape.test(sourceId) || !isTimely(message, this.#machineNow())) throw unsigned();
    const known = this.#signer(this.#recent.get(sourceId) ?? noSource, message);
    if (known) return known;
    const found = await findWebhookSource(this.#deps.db.sql, sourceId);
    const signer = this.#signer(found, message);
    if (!signer) throw unsigned();
    this.#recent.set(sourceId, found);
    return signer;
  }

  /** Null if no active secret of the source signed the message. */
  #signer({ tenantId, sourceId, secret, previous }: WebhookSource, message: SignedMessage): Signer | null {
    const isPreviousLive = Temporal.Instant.compare(this.#machineNow(), previous.endsAt) < 0;
    const secrets = [secret, isPreviousLive ? previous.secret : nobodysSecret];
    const signed = secrets.filter((each) => isSignedWith(each, message));
    return tenantId !== null && signed.length > 0 ? { tenantId, sourceId } : null;
  }

  /** Signatures are checked against the machine's time, even if the service's clock is set to another. */
  #machineNow(): Temporal.Instant {
    const { clock } = this.#deps;
    return machineTime(clock.now(), clock);
  }
}

/** The answer is the same for every reason, so that only a signer learns whether a source exists. */
const unsigned = (): Problem =>
  new Problem(401, {
    detail: 'A good signature is needed here, as Standard Webhooks 1.0 describes it.',
    headers: { 'www-authenticate': 'Webhook realm="spendwatch"' },
  });
