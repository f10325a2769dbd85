/**
 * Services by webhook: whoever signs with a live secret of the source in the path. A source is remembered for
 * five seconds, so that posts cost no query and a retired secret stops working within that time; a new one
 * works at once, since what does not fit what is remembered is looked up again.
 */
import type { FastifyRequest, preValidationAsyncHookHandler } from 'fastify';
import { machineTime } from '../../runtime/clock.ts';
import { findWebhookSource, nobodysSecret, type WebhookSource } from '../../accounts/find-webhook-source.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { Problem } from '../errors/problem.ts';
import { TtlCache } from './ttl-cache.ts';
import { isSignedWith, isTimely, readMessage, type SignedMessage } from './standard-webhook.ts';

type Signer = { tenantId: string; sourceId: string };

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose signature it is. Set on routes behind `WebhookSources.require`, and only there. */
    webhook: Signer;
  }
}

/** The body as it came: it is read only once its signature has been found good. */
export type WebhookRequest = { Params: { sourceId: string }; Body: Buffer | undefined };

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const remembered = { maxAgeMs: 5_000, maxSize: 10_000 };

/** Checked where none is remembered, so that it takes as long. */
const noSource: WebhookSource = {
  sourceId: '',
  tenantId: null,
  secret: nobodysSecret,
  previous: { secret: nobodysSecret, endsAt: Temporal.Instant.fromEpochMilliseconds(0) },
};

export class WebhookSources {
  readonly #deps: Pick<HttpDependencies, 'db' | 'clock'>;
  /** Only sources that a good signature came for: nobody else can fill it, or tell what is in it. */
  readonly #recent = new TtlCache<WebhookSource>(remembered);

  constructor(deps: Pick<HttpDependencies, 'db' | 'clock'>) {
    this.#deps = deps;
  }

  /** A `preValidation` hook, which comes before the body is read: 401 without a good signature. */
  require(): preValidationAsyncHookHandler {
    return async (request) => {
      // The hook's type knows no route; parameters and body are as routes behind it declare them.
      request.webhook = await this.#signerOf(request as FastifyRequest<WebhookRequest>);
    };
  }

  /** Every failure takes one way: a query, and as many digests, whether there is such a source or not. */
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

  /** Null where no live secret of the source signed the message. */
  #signer({ tenantId, sourceId, secret, previous }: WebhookSource, message: SignedMessage): Signer | null {
    const isPreviousLive = Temporal.Instant.compare(this.#machineNow(), previous.endsAt) < 0;
    const secrets = [secret, isPreviousLive ? previous.secret : nobodysSecret];
    const signed = secrets.filter((each) => isSignedWith(each, message));
    return tenantId !== null && signed.length > 0 ? { tenantId, sourceId } : null;
  }

  /** Signatures are judged by the real time, whatever the service believes the time to be. */
  #machineNow(): Temporal.Instant {
    const { clock } = this.#deps;
    return machineTime(clock.now(), clock);
  }
}

/** One answer for every reason: whether there is such a source is nobody's business who cannot sign for it. */
const unsigned = (): Problem =>
  new Problem(401, {
    detail: 'A good signature is needed here, as Standard Webhooks 1.0 describes it.',
    headers: { 'www-authenticate': 'Webhook realm="spendwatch"' },
  });
