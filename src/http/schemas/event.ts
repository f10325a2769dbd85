/**
 * Event schemas for the reference, and the answers about events. `ingest/decide/event.ts` does the actual
 * checks, and a test keeps the two consistent.
 */
import { Type } from 'typebox';
import { eventTypes, expenseKinds, expenseStatuses } from '../../alerts/decide/apply-events.ts';
import { defaultSource } from '../../ingest/decide/event.ts';
import { identifierRule } from '../../values/identifier.ts';
import { maxTextLength } from '../../ingest/decide/json-reader.ts';
import { identifier, instant, nullable } from './text.ts';

/** A thousand events with texts of full length fit. */
export const eventsLimitBytes = 5 * 1024 * 1024;
export const maxEventsPerRequest = 1000;

const shortText = Type.Optional(nullable(Type.String({ maxLength: maxTextLength })));

const strict = { additionalProperties: false };

const expenseId = { expenseId: identifier() };

const facts = {
  userId: identifier(),
  categoryId: identifier(),
  merchant: shortText,
  amount: Type.String({
    pattern: String.raw`^-?\d+(\.\d+)?$`,
    description:
      'a decimal number in a string, with at most the currency’s digits; negative for a refund, of whatever `kind`',
    examples: ['42.10'],
  }),
  currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'an ISO 4217 code', examples: ['USD'] }),
  spentAt: instant('when it was spent, with an offset'),
  description: shortText,
  kind: Type.Optional(
    nullable(
      Type.Enum(expenseKinds, {
        default: 'purchase',
        description:
          'A `transfer` is kept and counts nowhere. The others count by the sign of `amount`; a `refund` is not above 0.',
      }),
    ),
  ),
  status: Type.Optional(
    nullable(
      Type.Enum(expenseStatuses, {
        default: 'posted',
        description:
          'A `pending` expense counts until its sender deletes it. Its posted form comes under the same `expenseId`, or names it in `replaces`. Benchmarks leave it out.',
      }),
    ),
  ),
  replaces: Type.Optional(
    nullable(
      identifier(
        'the `expenseId` of another expense of the person, which this one takes the place of: that one is deleted at this `time`, and this one made, in one step',
      ),
    ),
  ),
  merchantId: Type.Optional(
    nullable(
      identifier(
        'the sender’s stable id of the merchant; where given, it identifies the merchant within the `source`, and not the name',
      ),
    ),
  ),
  mcc: Type.Optional(
    nullable(
      Type.String({
        pattern: '^[0-9]{4}$',
        description: 'the merchant’s category by ISO 18245: 4 digits',
        examples: ['5411'],
      }),
    ),
  ),
};

const [created, updated, deleted] = eventTypes;

/** Attributes beside `data` that are not named here are CloudEvents extensions and ignored. */
const envelope = {
  specversion: Type.Optional(Type.Literal('1.0')),
  id: identifier(`the sender’s id, ${identifierRule}; unique within its \`source\``),
  source: Type.Optional(Type.String({ ...identifier(), default: defaultSource })),
  time: instant('orders the events of an expense: the latest wins. It may be at most five minutes ahead'),
  sequence: Type.Optional(
    identifier(`orders events of the same \`time\` and type, as text: the greatest wins; ${identifierRule}`),
  ),
  datacontenttype: Type.Optional(Type.String({ description: 'JSON, if present' })),
};

export const expenseChanged = Type.Object(
  { ...envelope, type: Type.Enum([created, updated]), data: Type.Object({ ...expenseId, ...facts }, strict) },
  { title: 'An expense was created or changed' },
);

/** A deleted event may contain the facts, which are ignored. */
const unread = Object.fromEntries(Object.keys(facts).map((name) => [name, Type.Optional(Type.Unknown())]));

export const expenseDeleted = Type.Object(
  { ...envelope, type: Type.Literal(deleted), data: Type.Object({ ...expenseId, ...unread }, strict) },
  { title: 'An expense was deleted' },
);

export const eventSchema = Type.Union([expenseChanged, expenseDeleted]);

const eventArray = Type.Array(eventSchema, { minItems: 1, maxItems: maxEventsPerRequest });

export const eventsBody = Type.Union([eventSchema, eventArray]);

/** In the binary mode of CloudEvents the body is the data alone. */
export const expenseData = Type.Object(
  { ...expenseId, ...facts },
  { ...strict, title: 'Binary mode: an expense was created or changed' },
);
export const deletedExpenseData = Type.Object(
  { ...expenseId, ...unread },
  { ...strict, title: 'Binary mode: an expense was deleted' },
);

export const postedBody = Type.Union([eventSchema, eventArray, expenseData, deletedExpenseData]);

const attribute = (description: string) =>
  Type.Optional(Type.String({ description: `binary mode: ${description}` }));

/** For the reference. `binary-mode.ts` reads them. */
export const binaryHeaders = Type.Object({
  'ce-specversion': attribute('`1.0`'),
  'ce-id': attribute('the event’s `id`, percent-encoded as all of these'),
  'ce-source': attribute('its `source`'),
  'ce-type': attribute('its `type`'),
  'ce-time': attribute('its `time`'),
  'ce-sequence': attribute('its `sequence`'),
});

export const rejectedEvent = Type.Object({
  index: Type.Integer({ description: 'its position in the request, from 0' }),
  id: nullable(Type.String()),
  code: Type.Enum(['invalid', 'id_reused', 'source_reserved']),
  message: Type.String({
    description: 'the first error; an event posted alone is answered with all of them',
  }),
  pointer: Type.Optional(Type.String({ description: 'JSON Pointer into the request’s body' })),
});

export const rejectedEvents = Type.Array(rejectedEvent);

export const takenEvents = Type.Object(
  {
    accepted: Type.Integer(),
    duplicates: Type.Integer({ description: 'already known with the same body' }),
    rejected: rejectedEvents,
  },
  {
    description: 'The ingest result of each event. Accepted events are durable and evaluated within moments.',
  },
);

export const eventParams = Type.Object({
  source: identifier('the event’s `source`: `api` if it had none; for a webhook, the webhook’s id'),
  id: identifier('the event’s `id`'),
});

export const eventStatus = Type.Object(
  {
    status: Type.Enum(['pending', 'applied', 'failed'], {
      description: '`applied`: its spending and decisions can be read, even if a later event superseded it',
    }),
    appliedAt: Type.Optional(instant('when it was evaluated')),
    error: Type.Optional(
      Type.String({ description: '`failed`: the error. Nothing of the event was applied' }),
    ),
    replaced: Type.Optional(
      Type.Object(
        { source: Type.String(), id: Type.String() },
        { description: 'the event of another `source` that had described the expense until then' },
      ),
    ),
  },
  { description: 'The status of the event.' },
);
