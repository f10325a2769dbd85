/** The media types that are taken, and how they are read. */
import type { FastifyBodyParser, FastifyInstance } from 'fastify';
import { invalid, malformedJson } from './errors/problem.ts';

export const eventMediaTypes = [
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
] as const;

/** Elsewhere: JSON alone. A `__proto__` or `constructor.prototype` member fails the body. */
export const acceptJson = (app: FastifyInstance): void =>
  accept(app, ['application/json'], app.getDefaultJsonParser('error', 'error'));

/**
 * For the events' routes. There such a member is let through: the intake refuses it as an unknown field of
 * the one event that has it, and nothing there copies fields by name.
 */
export const acceptEvents = (app: FastifyInstance): void =>
  accept(app, [...eventMediaTypes], app.getDefaultJsonParser('ignore', 'ignore'));

/** For signed bodies: their bytes as they came, or nothing. `parseJson` reads them once they are trusted. */
export function acceptRaw(app: FastifyInstance, mediaTypes: readonly string[] = eventMediaTypes): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>([...mediaTypes], { parseAs: 'buffer' }, (_request, bytes, done) =>
    done(null, bytes),
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** As `acceptEvents` reads it: no bytes are null, for the intake to refuse. 400 where they are no JSON. */
export function parseJson(bytes: Buffer | undefined): unknown {
  if (!bytes || bytes.length === 0) return null;
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw malformedJson();
  }
}

/**
 * CloudEvents' own media types say whether one event comes or several; `application/json` leaves it open.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#13-content-modes
 */
export function assertContentMode(mediaType: string | undefined, body: unknown): void {
  const isMany = Array.isArray(body);
  if (mediaType === 'application/cloudevents+json' && isMany)
    throw wrongBody('must be one event: several are sent as application/cloudevents-batch+json');
  if (mediaType === 'application/cloudevents-batch+json' && !isMany)
    throw wrongBody('must be an array of events: one alone is sent as application/cloudevents+json');
}

const wrongBody = (message: string) => invalid(`The body ${message}.`, [{ pointer: '', message }]);

function accept(app: FastifyInstance, mediaTypes: string[], parser: FastifyBodyParser<string>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(mediaTypes, { parseAs: 'string' }, (request, text, done) =>
    // Some clients name a media type though they send nothing; a route that needs a body says so itself.
    text === '' ? done(null) : parser(request, text, done),
  );
}
