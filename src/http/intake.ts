/**
 * Accepts the events of one request. Each event is checked separately, so that an invalid one never rejects a
 * valid one. The valid ones are made durable together. Returns the ingest results, or throws if no event was
 * accepted.
 */
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Static } from 'typebox';
import { findOwnSources } from '../accounts/webhook-sources.ts';
import { type EventContext, parseEvent, type IncomingEvent } from '../ingest/decide/event.ts';
import type { WrongValue } from '../ingest/decide/json-reader.ts';
import { inPortions } from '../runtime/in-portions.ts';
import type { HttpDependencies } from './dependencies.ts';
import { invalidField, Problem } from './errors/problem.ts';
import { maxEventsPerRequest, type rejectedEvents, type takenEvents } from './schemas/event.ts';

type Rejected = Static<typeof rejectedEvents>[number];

/** The pointers of `errors` are relative to the event. */
type Refusal = Pick<Rejected, 'index' | 'id' | 'code'> & { errors: readonly WrongValue[] };

/** For a webhook, its id is the source of its events and overrides theirs. */
type Sender = { tenantId: string } & (
  | { keyId: string; source?: undefined }
  | { source: string; ownIds: boolean }
);

/**
 * Refuses a request before its body is read if the inbox is full. Reading bodies that are refused afterwards would take
 * the time in which the inbox becomes empty.
 */
export const refuseWhenFull =
  (
    { inbox }: Pick<HttpDependencies, 'inbox'>,
    tenantOf: (request: FastifyRequest) => string | null,
  ): onRequestAsyncHookHandler =>
  async (request) => {
    const tenantId = tenantOf(request);
    if (tenantId !== null) inbox.assertRoom(tenantId);
  };

/** `onChecked` is called once the body has been checked, before its events are stored. */
export type Intake = (
  body: unknown,
  sender: Sender,
  onChecked: () => void,
) => Promise<Static<typeof takenEvents>>;

export const createIntake =
  (deps: Pick<HttpDependencies, 'ingestDb' | 'inbox' | 'clock' | 'metrics' | 'limits'>): Intake =>
  async (body, sender, onChecked) => {
    const bodies = bodiesOf(body);
    const senderId = sender.source ?? sender.keyId;
    await deps.limits.takeEvents({ tenantId: sender.tenantId, senderId }, bodies.length);
    const context = contextOf(sender, deps.clock.now());
    const { events, refusals } = await withoutReserved(deps, sender, await inPortions(sort(bodies, context)));
    onChecked();
    const duplicates = await store(deps, events, refusals);
    const accepted = bodies.length - duplicates - refusals.length;
    count(deps.metrics, { accepted, duplicate: duplicates, ...tally(refusals) });
    refusals.sort((a, b) => a.index - b.index);
    if (refusals.length === bodies.length) throw noneAccepted(refusals, Array.isArray(body));
    return { accepted, duplicates, rejected: refusals.map(toRejected) };
  };

function count(metrics: HttpDependencies['metrics'], results: Readonly<Record<string, number>>): void {
  for (const [result, events] of Object.entries(results))
    if (events > 0) metrics.events.inc({ result }, events);
}

function tally(refusals: readonly Refusal[]): Record<string, number> {
  const byCode = Map.groupBy(refusals, ({ code }) => code);
  return Object.fromEntries([...byCode].map(([code, { length }]) => [code, length]));
}

function bodiesOf(body: unknown): readonly unknown[] {
  if (body === undefined || body === null) throw invalidField('', 'is empty');
  if (!Array.isArray(body)) return [body];
  if (body.length === 0) throw invalidField('', 'must hold at least one event');
  if (body.length > maxEventsPerRequest)
    throw invalidField('', `must hold at most ${maxEventsPerRequest} events`);
  return body;
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A key may not post under the id of a webhook: the webhook's own events would then count as reused. */
async function withoutReserved(
  { ingestDb }: Pick<HttpDependencies, 'ingestDb'>,
  { tenantId, source }: Sender,
  { events, refusals }: Sorted,
): Promise<Sorted> {
  const sourceOf = ({ event }: IndexedEvent): string => event.source.toLowerCase();
  const ids = source === undefined ? events.map(sourceOf).filter((each) => uuidShape.test(each)) : [];
  if (ids.length === 0) return { events, refusals };
  const reserved = await findOwnSources(ingestDb, tenantId, [...new Set(ids)]);
  const refused = events.filter((each) => reserved.has(sourceOf(each)));
  return {
    events: events.filter((each) => !reserved.has(sourceOf(each))),
    refusals: [...refusals, ...refused.map(({ index, event }) => toReserved(index, event.id))],
  };
}

const toReserved = (index: number, id: string): Refusal => ({
  index,
  id,
  code: 'source_reserved',
  errors: [
    { pointer: '/source', message: 'is the id of a webhook, under which only its own events are taken' },
  ],
});

type Sorted = { events: IndexedEvent[]; refusals: Refusal[] };

type IndexedEvent = { index: number; event: IncomingEvent };

const contextOf = (sender: Sender, now: Temporal.Instant): EventContext =>
  sender.source === undefined ? { tenantId: sender.tenantId, now } : { ...sender, now };

/** Events between two yields: a millisecond or two of work. */
const eventsAtATime = 100;

function* sort(bodies: readonly unknown[], context: EventContext): Generator<void, Sorted> {
  const events: IndexedEvent[] = [];
  const refusals: Refusal[] = [];
  for (const [index, body] of bodies.entries()) {
    const parsed = parseEvent(body, context);
    if (parsed.ok) events.push({ index, event: parsed.event });
    else refusals.push({ index, id: parsed.id, code: 'invalid', errors: parsed.errors });
    if (index % eventsAtATime === eventsAtATime - 1) yield;
  }
  return { events, refusals };
}

/** Adds events with a reused id to `refusals`. Returns the number of duplicates. */
async function store(
  { inbox }: Pick<HttpDependencies, 'inbox'>,
  events: readonly IndexedEvent[],
  refusals: Refusal[],
): Promise<number> {
  if (events.length === 0) return 0;
  const results = await inbox.accept(events.map(({ event }) => event));
  for (const [position, { index, event }] of events.entries())
    if (results[position] === 'id_reused')
      refusals.push({ index, id: event.id, code: 'id_reused', errors: reusedId });
  return results.filter((result) => result === 'duplicate').length;
}

const reusedId: readonly WrongValue[] = [
  { pointer: '/id', message: 'was used before in this source, with another body' },
];

/** Pointers are relative to the request's body, which is one event or an array. */
function noneAccepted(refusals: readonly Refusal[], isArray: boolean): Problem {
  if (isArray)
    return new Problem(400, {
      detail: 'None of the events could be taken.',
      errors: refusals.flatMap(errorsInArray),
      members: { rejected: refusals.map(toRejected) },
    });
  const [{ code, errors } = { code: 'invalid', errors: [] }] = refusals;
  return new Problem(code === 'invalid' ? 400 : 409, { detail: 'The event could not be taken.', errors });
}

const errorsInArray = ({ index, errors }: Refusal): WrongValue[] =>
  errors.map(({ pointer, message }) => ({ pointer: `/${index}${pointer}`, message }));

function toRejected(refusal: Refusal): Rejected {
  const { index, id, code } = refusal;
  const [first = { pointer: `/${index}`, message: 'is not an event' }] = errorsInArray(refusal);
  return { index, id, code, message: first.message, pointer: first.pointer };
}
