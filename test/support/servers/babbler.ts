/** Takes the place of a server at its port, and says the same to whoever connects: not what they expect. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export class Babbler {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  static async start(url: string, words: string): Promise<Babbler> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      // Whoever expects something else hangs up.
      socket.on('error', () => undefined);
      socket.write(words);
    });
    server.listen(Number(new URL(url).port), '127.0.0.1');
    await once(server, 'listening');
    return new Babbler(server, sockets);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
