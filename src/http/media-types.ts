/** The media types that are taken, and how they are read. */
import type { FastifyBodyParser, FastifyInstance } from 'fastify';

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

function accept(app: FastifyInstance, mediaTypes: string[], parser: FastifyBodyParser<string>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(mediaTypes, { parseAs: 'string' }, (request, text, done) =>
    // Some clients name a media type though they send nothing; a route that needs a body says so itself.
    text === '' ? done(null) : parser(request, text, done),
  );
}
