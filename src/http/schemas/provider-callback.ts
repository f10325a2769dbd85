/**
 * The callbacks of providers about accepted deliveries: our own JSON, and the form of Twilio's status
 * callbacks.
 */
import { type Static, type TSchema, Type } from 'typebox';
import {
  type Callback,
  callbackChannels,
  callbackEvents,
  type DeliveryName,
  readDeliveryName,
  readMessageId,
} from '../../deliver/decide/callback.ts';
import { withoutAddresses } from '../../deliver/decide/masked-address.ts';
import { compileValidator } from '../validation.ts';

export const callbackParams = Type.Object({ channel: Type.Enum(callbackChannels) });

export const callbackQuery = Type.Object({
  delivery: Type.Optional(
    Type.String({ description: 'for a form: the delivery named in the SMS’s `StatusCallback`' }),
  ),
});

const maxCallbacks = 100;

export const jsonCallback = Type.Refine(
  Type.Object(
    {
      delivery: Type.Optional(
        Type.String({ maxLength: 200, description: '`<tenantId>.<deliveryId>`, as sent with the message' }),
      ),
      messageId: Type.Optional(
        Type.String({ maxLength: 998, description: 'instead of `delivery`: a mail’s `Message-ID`' }),
      ),
      event: Type.Enum(callbackEvents),
      permanent: Type.Boolean({
        default: true,
        description: 'for `bounced`: further messages would bounce too, so none are sent to this address',
      }),
      reason: Type.Optional(
        Type.String({
          pattern: String.raw`^[^\p{Cc}\p{Cs}]{1,200}$`,
          description: '1 to 200 printable characters; addresses in it are not kept',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  (value) => !isNotNamedOnce(value),
  () => 'must name its delivery, by either delivery or messageId',
);

function isNotNamedOnce(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'delivery' in value === 'messageId' in value;
}

const jsonCallbacks = Type.Array(jsonCallback, { minItems: 1, maxItems: maxCallbacks });

export const callbackBody = Type.Union([jsonCallback, jsonCallbacks], {
  description: 'One callback, or an array of up to 100. Twilio-compatible SMS providers post Twilio’s form.',
});

/** Throws a `Problem` that names every wrong value. */
const readerOf = <Schema extends TSchema>(schema: Schema) => {
  const check = compileValidator({ schema, httpPart: 'body', method: 'POST', url: '' });
  return (given: unknown): Static<Schema> => {
    // The result of `validation.ts`. It is never a promise, although Fastify's type allows one.
    const checked = check(given) as { error: Error } | { value: Static<Schema> };
    if ('error' in checked) throw checked.error;
    return checked.value;
  };
};

const readOne = readerOf(jsonCallback);
const readMany = readerOf(jsonCallbacks);

/**
 * Null for a callback without a delivery of this service. Throws a `Problem` that names every wrong value.
 */
export const readJsonCallbacks = (body: unknown): (Callback | null)[] =>
  (Array.isArray(body) ? readMany(body) : [readOne(body)]).map(callbackOf);

function callbackOf(callback: Static<typeof jsonCallback>): Callback | null {
  const { delivery, messageId = '', event, permanent, reason = 'bounced' } = callback;
  const name = delivery === undefined ? readMessageId(messageId) : readDeliveryName(delivery);
  if (!name) return null;
  return event === 'delivered'
    ? { name, said: { event } }
    : { name, said: { event, isLasting: permanent, reason: withoutAddresses(reason) } };
}

/**
 * Codes after which nothing reaches the number: invalid, opted out, not mobile, unknown or out of service,
 * landline. All other causes may pass, like a phone that is switched off (30003).
 * https://www.twilio.com/docs/api/errors
 */
const lastingCodes: ReadonlySet<string> = new Set(['21211', '21610', '21614', '30005', '30006']);

const errorCode = /^\d{1,6}$/;

/**
 * Reads a status callback. Null if it does not say how the SMS ended.
 * https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
 */
export function readTwilioCallback(form: URLSearchParams, name: DeliveryName): Callback | null {
  const status = form.get('MessageStatus');
  if (status === 'delivered') return { name, said: { event: 'delivered' } };
  if (status !== 'undelivered' && status !== 'failed') return null;
  const code = form.get('ErrorCode') ?? '';
  const reason = `twilio_${errorCode.test(code) ? code : status}`;
  return { name, said: { event: 'bounced', isLasting: lastingCodes.has(code), reason } };
}
