/** What providers post of deliveries after they took them: our own JSON, and the form of Twilio's status callbacks. */
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
    Type.String({ description: 'of a form: the delivery, as the SMS’s `StatusCallback` named it' }),
  ),
});

const maxCallbacks = 100;

const jsonCallback = Type.Refine(
  Type.Object(
    {
      delivery: Type.Optional(
        Type.String({ maxLength: 200, description: '`<tenantId>.<deliveryId>`, as it was sent along' }),
      ),
      messageId: Type.Optional(
        Type.String({ maxLength: 998, description: 'in its place: a mail’s `Message-ID`' }),
      ),
      event: Type.Enum(callbackEvents),
      permanent: Type.Boolean({
        default: true,
        description: 'of `bounced`: whatever else is sent there will come back too, so nothing is',
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
  (value) => !isNamedOtherThanOnce(value),
  () => 'must name its delivery, by either delivery or messageId',
);

function isNamedOtherThanOnce(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'delivery' in value === 'messageId' in value;
}

const jsonCallbacks = Type.Array(jsonCallback, { minItems: 1, maxItems: maxCallbacks });

export const callbackBody = Type.Union([jsonCallback, jsonCallbacks], {
  description: 'One, or an array of up to 100. SMS providers that are compatible with Twilio post its form.',
});

/** Throws a `Problem` that names every wrong value. */
const readerOf = <Schema extends TSchema>(schema: Schema) => {
  const check = compileValidator({ schema, httpPart: 'body', method: 'POST', url: '' });
  return (given: unknown): Static<Schema> => {
    // What `validation.ts` answers: never a promise, as Fastify's type allows.
    const checked = check(given) as { error: Error } | { value: Static<Schema> };
    if ('error' in checked) throw checked.error;
    return checked.value;
  };
};

const readOne = readerOf(jsonCallback);
const readMany = readerOf(jsonCallbacks);

/** Null: of no delivery of ours. Throws a `Problem` that names every wrong value. */
export const readJsonCallbacks = (body: unknown): (Callback | null)[] =>
  (Array.isArray(body) ? readMany(body) : [readOne(body)]).map(callbackOf);

function callbackOf(said: Static<typeof jsonCallback>): Callback | null {
  const { delivery, messageId = '', event, permanent, reason = 'bounced' } = said;
  const name = delivery === undefined ? readMessageId(messageId) : readDeliveryName(delivery);
  if (!name) return null;
  return event === 'delivered'
    ? { name, said: { event } }
    : { name, said: { event, isLasting: permanent, reason: withoutAddresses(reason) } };
}

/**
 * Those after which nothing will reach the number: no number, opted out there, no mobile one, unknown or out
 * of service, a landline. All others may pass, like a phone that is switched off (30003).
 * https://www.twilio.com/docs/api/errors
 */
const lastingCodes: ReadonlySet<string> = new Set(['21211', '21610', '21614', '30005', '30006']);

const errorCode = /^\d{1,6}$/;

/**
 * Of a status callback; null where it says nothing of how the SMS ended.
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
