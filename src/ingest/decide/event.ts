/**
 * Reads one event body: a CloudEvents 1.0 object about one expense. Every wrong value is reported with its JSON
 * Pointer. Extension attributes beside `data` are ignored, `sequence` excepted. Unknown fields within `data` are errors.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
import { eventTypes, type ExpenseEvent, type ExpenseFacts } from '../../alerts/decide/apply-events.ts';
import { JsonReader, isObject, type WrongValue } from './json-reader.ts';
import { isIdentifier } from '../../values/identifier.ts';

/** An event as the inbox accepts it. */
export type IncomingEvent = ExpenseEvent;

export type ParsedEvent =
  | { ok: true; event: IncomingEvent }
  /** `id`: the sender's id, if it is readable. */
  | { ok: false; id: string | null; errors: WrongValue[] };

export type EventContext = {
  tenantId: string;
  now: Temporal.Instant;
  /** The source, if the route decides it. It replaces the source that the event names. */
  source?: string;
  /** The ids of the source's expenses are its own. */
  ownIds?: boolean;
};

export const defaultSource = 'api';
const maxMinutesAhead = 5;
const dataFields = new Set([
  'expenseId',
  'userId',
  'categoryId',
  'merchant',
  'amount',
  'currency',
  'spentAt',
  'description',
]);

export function parseEvent(body: unknown, context: EventContext): ParsedEvent {
  if (!isObject(body))
    return { ok: false, id: null, errors: [{ pointer: '', message: 'must be an object' }] };
  const envelope = new JsonReader(body, '');
  const event = readEvent(envelope, context);
  if (envelope.errors.length === 0) return { ok: true, event };
  return { ok: false, id: isIdentifier(body['id']) ? body['id'] : null, errors: envelope.errors };
}

function readEvent(
  envelope: JsonReader,
  { tenantId, now, source, ownIds = false }: EventContext,
): IncomingEvent {
  envelope.constant('specversion', '1.0');
  const id = envelope.identifier('id');
  const from = source ?? (envelope.has('source') ? envelope.identifier('source') : defaultSource);
  const type = envelope.oneOf('type', eventTypes);
  const time = envelope.instant('time', 0, now.epochMilliseconds + maxMinutesAhead * 60_000);
  const sequence = envelope.has('sequence') ? envelope.identifier('sequence') : null;
  readContentType(envelope);
  const data = envelope.object('data');
  const given = data?.identifier('expenseId') ?? '';
  // No id of another sender begins like that, unless it means this expense.
  const expenseId = ownIds ? `${from}:${given}` : given;
  const expense = data && type !== 'expense.deleted' ? readFacts(data) : null;
  data?.nothingBeside(dataFields);
  return { tenantId, source: from, id, type, time, sequence, expenseId, expense };
}

const earliestSpentMs = Date.UTC(1900, 0, 1);
const latestSpentMs = Date.UTC(2200, 0, 1);

const readFacts = (data: JsonReader): ExpenseFacts => ({
  userId: data.identifier('userId'),
  categoryId: data.identifier('categoryId'),
  merchant: data.text('merchant'),
  ...data.money('amount', 'currency'),
  spentAt: data.instant('spentAt', earliestSpentMs, latestSpentMs),
  description: data.text('description'),
});

const jsonMediaType = /^[\w.+-]+\/(?:[\w.+-]+\+)?json *(?:;.*)?$/i;

function readContentType(envelope: JsonReader): void {
  envelope.pattern('datacontenttype', jsonMediaType, 'must be application/json, or left out');
  envelope.absent('data_base64', 'is not taken: send JSON in "data"');
}
