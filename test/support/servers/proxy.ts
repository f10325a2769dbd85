/** A TCP proxy that a test can cut, or let fall silent as a broken network does. */
import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';

export class Proxy {
  /** Called with what clients send. */
  onSent: ((bytes: Buffer) => void) | null = null;
  readonly #target: { host: string; port: number };
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #server: Server | null = null;
  #isSilent = false;
  #port = 0;

  private constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
  }

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(new URL(target));
    await proxy.mend();
    return proxy;
  }

  /** The address of `target` through this proxy. */
  through(target: string): string {
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.toString();
  }

  /** Passes nothing on any more and keeps the connections open. */
  fallSilent(): void {
    this.#isSilent = true;
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }

  /** Ends every connection and refuses new ones. */
  async cut(): Promise<void> {
    const closed = this.#server && once(this.#server, 'close');
    this.#server?.close();
    for (const sockets of this.#pairs) for (const socket of sockets) socket.destroy();
    await closed;
    this.#server = null;
  }

  /** Accepts connections again, on the same port. */
  async mend(): Promise<void> {
    this.#isSilent = false;
    this.#server = createServer((near) => this.#join(near)).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address !== 'string') this.#port = address.port;
  }

  #join(near: Socket): void {
    const far = connect(this.#target);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
    if (this.#isSilent) return;
    near.on('data', (bytes: Buffer) => this.onSent?.(bytes));
    near.pipe(far);
    far.pipe(near);
  }
}
