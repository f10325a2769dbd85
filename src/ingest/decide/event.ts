/**
 * Reads one event body: a CloudEvents 1.0 object about one expense. Every wrong value is reported with its JSON
 * Pointer. Extension attributes beside `data` are ignored, `sequence` excepted. Unknown fields within `data` are errors.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
import {
  type EventType,
  eventTypes,
  type ExpenseEvent,
  type ExpenseFacts,
  expenseKinds,
  expenseStatuses,
} from '../../alerts/decide/apply-events.ts';
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
  'kind',
  'status',
  'replaces',
  'merchantId',
  'mcc',
]);

export function parseEvent(body: unknown, context: EventContext): ParsedEvent {
  if (!isObject(body))
    return { ok: false, id: null, errors: [{ pointer: '', message: 'must be an object' }] };
  const envelope = new JsonReader(body, '');
  const event = readEvent(envelope, context);
  if (envelope.errors.length === 0) return { ok: true, event };
  return { ok: false, id: isIdentifier(body['id']) ? body['id'] : null, errors: envelope.errors };
}

function readEvent(envelope: JsonReader, context: EventContext): IncomingEvent {
  const { tenantId, now } = context;
  envelope.constant('specversion', '1.0');
  const id = envelope.identifier('id');
  const named = () => (envelope.has('source') ? envelope.identifier('source') : defaultSource);
  const source = context.source ?? named();
  const type = envelope.oneOf('type', eventTypes);
  const time = envelope.instant('time', 0, now.epochMilliseconds + maxMinutesAhead * 60_000);
  const sequence = envelope.has('sequence') ? envelope.identifier('sequence') : null;
  readContentType(envelope);
  const data = envelope.object('data');
  const prefix = context.ownIds ? `${source}:` : '';
  const read = data ? readData(data, { type, source, prefix }) : nothing;
  return { tenantId, source, id, type, time, sequence, ...read };
}

type DataContext = { type: EventType; source: string; prefix: string };
type EventData = Pick<IncomingEvent, 'expenseId' | 'replaces' | 'expense'>;

const nothing: EventData = { expenseId: '', replaces: null, expense: null };

/** No id of another sender begins with the `prefix`, unless it means this expense. */
function readData(data: JsonReader, { type, source, prefix }: DataContext): EventData {
  const given = data.identifier('expenseId');
  const isDeleted = type === 'expense.deleted';
  const expense = isDeleted ? null : readFacts(data, source);
  const replaces = isDeleted ? null : readReplaced(data, given);
  data.nothingBeside(dataFields);
  return {
    expenseId: `${prefix}${given}`,
    replaces: replaces === null ? null : `${prefix}${replaces}`,
    expense,
  };
}

const earliestSpentMs = Date.UTC(1900, 0, 1);
const latestSpentMs = Date.UTC(2200, 0, 1);

function readFacts(data: JsonReader, source: string): ExpenseFacts {
  const facts = {
    userId: data.identifier('userId'),
    categoryId: data.identifier('categoryId'),
    merchant: data.text('merchant'),
    ...data.money('amount', 'currency'),
    spentAt: data.instant('spentAt', earliestSpentMs, latestSpentMs),
    description: data.text('description'),
    kind: data.has('kind') ? data.oneOf('kind', expenseKinds) : 'purchase',
    status: data.has('status') ? data.oneOf('status', expenseStatuses) : 'posted',
    merchantRef: data.has('merchantId') ? { source, id: data.identifier('merchantId') } : null,
    mcc: data.pattern('mcc', merchantCategory, 'must be a text of 4 digits, like "5411"'),
  } satisfies ExpenseFacts;
  const isPaid = facts.kind === 'refund' && facts.amountMinor > 0n;
  if (isPaid) data.refuse('amount', 'must not be above 0, as it is a refund', null);
  return facts;
}

/** ISO 18245. */
const merchantCategory = /^\d{4}$/;

/** The id of the expense that this one takes the place of, as the sender names it. */
function readReplaced(data: JsonReader, expenseId: string): string | null {
  if (!data.has('replaces')) return null;
  const replaces = data.identifier('replaces');
  const isItself = replaces !== '' && replaces === expenseId;
  return isItself ? data.refuse('replaces', 'must be another expense than this one', null) : replaces;
}

const jsonMediaType = /^[\w.+-]+\/(?:[\w.+-]+\+)?json *(?:;.*)?$/i;

function readContentType(envelope: JsonReader): void {
  envelope.pattern('datacontenttype', jsonMediaType, 'must be application/json, or left out');
  envelope.absent('data_base64', 'is not taken: send JSON in "data"');
}
