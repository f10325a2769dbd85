/**
 * Answers of pages that are the same for everybody. Each is kept once as bytes: a string would be encoded anew for each
 * connection, and kept for those that read slowly. Browsers keep it too, by its ETag.
 */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const maxAgeSeconds = 3600;

type File = { text: string; bytes: Buffer; etag: string };

export class SharedFiles {
  /** By route. */
  readonly #files = new Map<string, File>();

  /** Returns the bytes of a text. Answers 304 without them if the caller has them. Other payloads pass. */
  share(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    if (typeof payload !== 'string' || reply.statusCode !== 200) return payload;
    const { bytes, etag } = this.#fileOf(request.routeOptions.url ?? request.url, payload);
    void reply.header('etag', etag).header('cache-control', `public, max-age=${maxAgeSeconds}`);
    if (request.headers['if-none-match'] !== etag) return bytes;
    void reply.code(304);
    return '';
  }

  #fileOf(route: string, text: string): File {
    const known = this.#files.get(route);
    if (known?.text === text) return known;
    const bytes = Buffer.from(text);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
    const file = { text, bytes, etag };
    this.#files.set(route, file);
    return file;
  }
}
