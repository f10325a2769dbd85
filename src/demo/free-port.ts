/** Chooses a port to listen on: the requested one, or else the usual one, or any other if that is taken. */
import { createServer } from 'node:net';
import { CommandError } from '../cli/failure.ts';

/** 0 means any free port. Rejects if the port `asked` is not available. */
export async function freePort(host: string, asked: number | undefined, usual: number): Promise<number> {
  const wanted = asked ?? usual;
  const obstacle = await findObstacle(host, wanted);
  if (obstacle === null) return wanted;
  if (asked === undefined) return 0;
  const reason = obstacle === 'EADDRINUSE' ? 'it is taken' : obstacle;
  throw new CommandError(
    `cannot listen on port ${asked}: ${reason}. Give another with --port, or 0 for any that is free`,
  );
}

/** Null if the port is available, else the system's error code. */
function findObstacle(host: string, port: number): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const probe = createServer();
  probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  probe.listen({ host, port }, () => probe.close(() => resolve(null)));
  return promise;
}
