/** The accepted media types and their body parsers. */
import type { FastifyBodyParser, FastifyInstance } from 'fastify';
import { invalid, malformedJson, notUtf8 } from './errors/problem.ts';
import { assertSmallJson } from './json-size.ts';

export const eventMediaTypes = [
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
] as const;

/** Accepts JSON in UTF-8 only. A body with a `__proto__` or `constructor.prototype` member is rejected. */
export const acceptJson = (app: FastifyInstance): void =>
  accept(app, ['application/json'], app.getDefaultJsonParser('error', 'error'));

/**
 * For the event routes. Their parser lets such a member pass. The intake then rejects only that event, for an
 * unknown field, and it never copies fields by name.
 */
export const acceptEvents = (app: FastifyInstance): void =>
  accept(app, [...eventMediaTypes], app.getDefaultJsonParser('ignore', 'ignore'));

/**
 * For signed bodies, whose bytes are passed on unchanged. `parseJson` parses them after the signature is
 * verified.
 */
export function acceptRaw(app: FastifyInstance, mediaTypes: readonly string[] = eventMediaTypes): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>([...mediaTypes], { parseAs: 'buffer' }, (_request, bytes, done) =>
    done(null, bytes),
  );
}

/**
 * Parses like `acceptEvents`. An empty body becomes null, which the intake rejects. Throws 400 if the bytes
 * are not JSON, or too much of it.
 */
export function parseJson(bytes: Buffer | undefined): unknown {
  if (!bytes || bytes.length === 0) return null;
  const text = decode(bytes);
  assertSmallJson(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformedJson();
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws 400 for bytes that are not UTF-8. Read with replacement characters, different names would become one. */
function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw notUtf8();
  }
}

/**
 * The CloudEvents media types state whether there is one event or an array. `application/json` allows both.
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
  app.addContentTypeParser<Buffer>(mediaTypes, { parseAs: 'buffer' }, (request, bytes, done) => {
    // Some clients name a media type without sending a body. A route that needs one reports that itself.
    if (bytes.length === 0) return done(null);
    const text = decode(bytes);
    assertSmallJson(text);
    return parser(request, text, done);
  });
}
