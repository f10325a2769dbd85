/**
 * Takes the events of one request: each is checked by itself, so that a bad one never costs a good one, and
 * the good ones are made durable together. Answers what became of them, or throws where none could be taken.
 */
import type { Static } from 'typebox';
import { type EventContext, parseEvent, type IncomingEvent } from '../ingest/decide/event.ts';
import type { WrongValue } from '../ingest/decide/json-reader.ts';
import type { HttpDependencies } from './dependencies.ts';
import { invalidField, Problem } from './errors/problem.ts';
import { maxEventsPerRequest, type rejectedEvents, type takenEvents } from './schemas/event.ts';

type Rejected = Static<typeof rejectedEvents>[number];

/** `errors` point into the event. */
type Refusal = Pick<Rejected, 'index' | 'id' | 'code'> & { errors: readonly WrongValue[] };

/** A webhook's id is the source of its events, whatever they name. */
type Sender = { tenantId: string } & ({ keyId: string; source?: undefined } | { source: string });

export type Intake = (body: unknown, sender: Sender) => Promise<Static<typeof takenEvents>>;

export const createIntake =
  (deps: Pick<HttpDependencies, 'inbox' | 'clock' | 'metrics' | 'limits'>): Intake =>
  async (body, sender) => {
    const bodies = bodiesOf(body);
    await deps.limits.takeEvents(sender.source ?? sender.keyId, bodies.length);
    const context = contextOf(sender, deps.clock.now());
    const { events, refusals } = sort(bodies, context);
    const duplicates = await take(deps, events, refusals);
    const accepted = bodies.length - duplicates - refusals.length;
    count(deps.metrics, { accepted, duplicate: duplicates, ...tally(refusals) });
    refusals.sort((a, b) => a.index - b.index);
    if (refusals.length === bodies.length) throw noneTaken(refusals, Array.isArray(body));
    return { accepted, duplicates, rejected: refusals.map(toRejected) };
  };

function count(metrics: HttpDependencies['metrics'], results: Readonly<Record<string, number>>): void {
  for (const [result, events] of Object.entries(results))
    if (events > 0) metrics.events.inc({ result }, events);
}

const tally = (refusals: readonly Refusal[]) => {
  const reused = refusals.filter(({ code }) => code === 'id_reused').length;
  return { id_reused: reused, invalid: refusals.length - reused };
};

function bodiesOf(body: unknown): readonly unknown[] {
  if (body === undefined || body === null) throw invalidField('', 'is empty');
  if (!Array.isArray(body)) return [body];
  if (body.length === 0) throw invalidField('', 'must hold at least one event');
  if (body.length > maxEventsPerRequest)
    throw invalidField('', `must hold at most ${maxEventsPerRequest} events`);
  return body;
}

type Placed = { index: number; event: IncomingEvent };

const contextOf = ({ tenantId, source }: Sender, now: Temporal.Instant): EventContext =>
  source === undefined ? { tenantId, now } : { tenantId, now, source };

function sort(bodies: readonly unknown[], context: EventContext) {
  const events: Placed[] = [];
  const refusals: Refusal[] = [];
  for (const [index, body] of bodies.entries()) {
    const parsed = parseEvent(body, context);
    if (parsed.ok) events.push({ index, event: parsed.event });
    else refusals.push({ index, id: parsed.id, code: 'invalid', errors: parsed.errors });
  }
  return { events, refusals };
}

/** Adds those whose id was used before to `refusals`; answers how many were known already. */
async function take(
  { inbox }: Pick<HttpDependencies, 'inbox'>,
  events: readonly Placed[],
  refusals: Refusal[],
): Promise<number> {
  if (events.length === 0) return 0;
  const taken = await inbox.accept(events.map(({ event }) => event));
  for (const [place, { index, event }] of events.entries())
    if (taken[place] === 'id_reused')
      refusals.push({ index, id: event.id, code: 'id_reused', errors: reusedId });
  return taken.filter((result) => result === 'duplicate').length;
}

const reusedId: readonly WrongValue[] = [
  { pointer: '/id', message: 'was used before in this source, with another body' },
];

/** Pointers lead into the request's body: the event itself, or the array it is in. */
function noneTaken(refusals: readonly Refusal[], isArray: boolean): Problem {
  if (isArray)
    return new Problem(400, {
      detail: 'None of the events could be taken.',
      errors: refusals.flatMap(errorsInArray),
      members: { rejected: refusals.map(toRejected) },
    });
  const [{ code, errors } = { code: 'invalid', errors: [] }] = refusals;
  return new Problem(code === 'id_reused' ? 409 : 400, { detail: 'The event could not be taken.', errors });
}

const errorsInArray = ({ index, errors }: Refusal): WrongValue[] =>
  errors.map(({ pointer, message }) => ({ pointer: `/${index}${pointer}`, message }));

function toRejected(refusal: Refusal): Rejected {
  const { index, id, code } = refusal;
  const [first = { pointer: `/${index}`, message: 'is not an event' }] = errorsInArray(refusal);
  return { index, id, code, message: first.message, pointer: first.pointer };
}
