/** A port to listen on: the one wished for, else any other that is free. */
import { createServer } from 'node:net';

export async function freePort(host: string, wished: number): Promise<number> {
  return (await isFree(host, wished)) ? wished : 0;
}

function isFree(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen({ host, port }, () => probe.close(() => resolve(true)));
  return promise;
}
