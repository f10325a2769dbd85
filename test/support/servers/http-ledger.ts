/** A real HTTP server behind a wire that can be cut; the test gives the handler that answers. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Proxy } from './proxy.ts';

export type Asked = { path: string; headers: IncomingHttpHeaders; body: Buffer };
/** Handles a request; it may answer or not. */
export type Answering = (asked: Asked, response: ServerResponse) => void | Promise<void>;

export class HttpLedger {
  readonly wire: Proxy;
  readonly #server: Server;
  readonly #direct: string;

  private constructor(server: Server, direct: string, wire: Proxy) {
    this.#server = server;
    this.#direct = direct;
    this.wire = wire;
  }

  static async start(answering: Answering): Promise<HttpLedger> {
    const server = createServer((request, response) => {
      // A request that breaks off is ignored.
      readRequest(request).then(
        (asked) => answering(asked, response),
        () => undefined,
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address !== 'string' ? address.port : 0;
    const direct = `http://127.0.0.1:${port}`;
    return new HttpLedger(server, direct, await Proxy.start(direct));
  }

  /** The URL without a slash at its end. */
  get url(): string {
    return this.wire.through(this.#direct).replace(/\/$/, '');
  }

  async stop(): Promise<void> {
    await this.wire.cut();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
