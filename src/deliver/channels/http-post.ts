/**
 * Sends one HTTP request to a provider. It has its own connection, to know whether the provider can have seen it.
 * Follows no redirect and bounds the time to connect and the bytes read.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { abortReason, networkReason } from './network-failure.ts';
import { retryAfterMs } from './retry-after.ts';

export type Post = {
  url: string;
  headers: Record<string, string | number>;
  body: string | Buffer;
  /** The most bytes to read of the answer's body. */
  readsAtMost: number;
};

export type Reply =
  /** `text` is null if the body was too long or broke off. */
  | { kind: 'answered'; status: number; retryAfterMs: number | undefined; text: string | null }
  /** `isConnected`: the provider can have seen the request. */
  | { kind: 'failed'; reason: string; isConnected: boolean };

const connectsWithinMs = 5_000;

export function post({ url, headers, body, readsAtMost }: Post, signal: AbortSignal): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const isSecure = new URL(url).protocol === 'https:';
  const options = { method: 'POST', headers, signal, agent: false as const };
  const request = (isSecure ? requestHttps : requestHttp)(url, options);
  const connecting = { isOver: false, isLate: false };
  const timer = setTimeout(() => {
    connecting.isLate = true;
    request.destroy();
  }, connectsWithinMs);
  request.on('socket', (socket) =>
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      connecting.isOver = true;
      clearTimeout(timer);
    }),
  );
  request.on('response', (response) => void readReply(response, readsAtMost).then(resolve));
  request.on('error', (error) => {
    const given = signal.aborted ? abortReason(signal) : networkReason(error);
    const reason = connecting.isLate ? 'timeout' : given;
    resolve({ kind: 'failed', reason, isConnected: connecting.isOver });
  });
  request.on('close', () => clearTimeout(timer));
  request.end(body);
  return promise;
}

/** Never rejects. */
async function readReply(response: IncomingMessage, readsAtMost: number): Promise<Reply> {
  const { statusCode: status = 0, headers } = response;
  const text = await readText(response, readsAtMost);
  return { kind: 'answered', status, retryAfterMs: retryAfterMs(headers), text };
}

async function readText(response: IncomingMessage, readsAtMost: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let read = 0;
  try {
    if (readsAtMost === 0) return null;
    for await (const chunk of response) {
      chunks.push(chunk);
      read += chunk.length;
      if (read > readsAtMost) return null;
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    // The body broke off, or the signal was aborted.
    return null;
  } finally {
    response.destroy();
  }
}
