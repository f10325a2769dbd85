/**
 * Authenticates provider callbacks. A provider signs with the operator's secret by Standard Webhooks 1.0, or
 * an SMS account's provider signs in its own way. Without a secret to verify with, the routes do not exist.
 */
import type { FastifyRequest, onRequestHookHandler, preValidationAsyncHookHandler } from 'fastify';
import { machineTime } from '../../runtime/clock.ts';
import { callbackChannels, type CallbackChannel } from '../../deliver/decide/callback.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, Problem } from '../errors/problem.ts';
import { isSignedWith, isTimely, readMessage } from './standard-webhook.ts';
import { isSignedByTwilio } from './twilio-signature.ts';

/** The body is raw and parsed only after its signature is verified. */
export type ProviderRequest = {
  Params: { channel: CallbackChannel };
  Querystring: { delivery?: string | string[] };
  Body: Buffer | undefined;
};

/** A text that the SMS provider passes on. */
export type TextRequest = { Body: Buffer | undefined };

export const formMediaType = 'application/x-www-form-urlencoded';

export const isForm = ({ mediaType }: Pick<FastifyRequest, 'mediaType'>): boolean =>
  mediaType === formMediaType;

/** Runs before the body is read. It answers 404 if the channel has no providers or none that could sign. */
export const requireCallable =
  (deps: Pick<HttpDependencies, 'config'>): onRequestHookHandler =>
  (request, _reply, done) => {
    // The hook's type does not know the route, and the path may contain anything.
    const { channel } = request.params as { channel: string };
    if (!callbackChannels.some((each) => each === channel)) return done(notFound());
    if (!isForm(request)) return done(deps.config.callbackSecret ? undefined : notFound());
    if (channel !== 'sms')
      return done(new Problem(415, { detail: 'Providers of mail call back with JSON.' }));
    return done(twilioTokens(deps) && deps.config.publicUrl !== null ? undefined : notFound());
  };

/** The same for the texts that people send. Only a Twilio-compatible provider passes them on. */
export const requireTexting =
  (deps: Pick<HttpDependencies, 'config'>): onRequestHookHandler =>
  (request, _reply, done) => {
    if (twilioTokens(deps) === null || deps.config.publicUrl === null) return done(notFound());
    return done(isForm(request) ? undefined : new Problem(415, { detail: 'A text comes as a form.' }));
  };

export const requireTwilio =
  (deps: Pick<HttpDependencies, 'config'>): preValidationAsyncHookHandler =>
  async (request) => {
    // Routes behind the hook declare this type.
    if (!isFromTwilio(deps, request as FastifyRequest<TextRequest>)) throw unsigned();
  };

/** A `preValidation` hook, which runs before the body is parsed. It answers 401 without a valid signature. */
export const requireProvider =
  (deps: Pick<HttpDependencies, 'config' | 'clock'>): preValidationAsyncHookHandler =>
  async (request) => {
    // Routes behind the hook declare this type.
    const post = request as FastifyRequest<ProviderRequest>;
    if (!(isForm(post) ? isFromTwilio(deps, post) : isFromProvider(deps, post))) throw unsigned();
  };

function isFromProvider(
  { config, clock }: Pick<HttpDependencies, 'config' | 'clock'>,
  { headers, body }: FastifyRequest<ProviderRequest>,
): boolean {
  const message = readMessage(headers, body ?? Buffer.alloc(0));
  if (!message || !config.callbackSecret) return false;
  // Signatures are checked against the machine's time, even if the service's clock is set to another.
  return isTimely(message, machineTime(clock.now(), clock)) && isSignedWith(config.callbackSecret, message);
}

function isFromTwilio(
  deps: Pick<HttpDependencies, 'config'>,
  { headers, body, url }: Pick<FastifyRequest<TextRequest>, 'headers' | 'body' | 'url'>,
): boolean {
  const signature = headers['x-twilio-signature'];
  if (typeof signature !== 'string') return false;
  const form = new URLSearchParams(body?.toString() ?? '');
  return isSignedByTwilio(twilioTokens(deps) ?? [], {
    url: `${deps.config.publicUrl}${url}`,
    form,
    signature,
  });
}

/** The passwords of the accounts. Null if SMS is not configured. */
const twilioTokens = ({ config }: Pick<HttpDependencies, 'config'>): string[] | null =>
  config.sms && config.sms.providers.map(({ token }) => token.slice(token.indexOf(':') + 1));

const unsigned = (): Problem =>
  new Problem(401, {
    detail: 'A good signature is needed here: by Standard Webhooks 1.0, or of an SMS a provider’s own.',
    headers: { 'www-authenticate': 'Webhook realm="spendwatch"' },
  });
