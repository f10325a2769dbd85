/** Replaces a server at its port and sends the same unexpected text to every client. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export class Babbler {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  static async start(url: string, text: string): Promise<Babbler> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      // A client that expects something else closes the connection.
      socket.on('error', () => undefined);
      socket.write(text);
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
