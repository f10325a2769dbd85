/** Passes connections on to PostgreSQL, and drops their start-up parameter `options` as some poolers do. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class ForgetfulPooler {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL) {
    this.#server = createServer((near) => this.#join(near, target)).listen(0, '127.0.0.1');
  }

  static async start(target: string): Promise<ForgetfulPooler> {
    const pooler = new ForgetfulPooler(new URL(target));
    await once(pooler.#server, 'listening');
    return pooler;
  }

  /** The address of `target` through this pooler. */
  through(target: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the pooler does not listen');
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    return url.toString();
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket, target: URL): void {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    // The start-up message is the first that a client sends, and small enough to come in one piece.
    near.once('data', (first: Buffer) => {
      far.write(withoutOptions(first));
      near.pipe(far);
    });
    far.pipe(near);
  }
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-STARTUPMESSAGE */
function withoutOptions(message: Buffer): Buffer {
  const head = 8;
  const texts = message.subarray(head).toString('utf8').split('\0');
  const at = texts.indexOf('options');
  if (at >= 0) texts.splice(at, 2);
  const body = Buffer.from(texts.join('\0'), 'utf8');
  const start = Buffer.from(message.subarray(0, head));
  start.writeInt32BE(head + body.length);
  return Buffer.concat([start, body]);
}
