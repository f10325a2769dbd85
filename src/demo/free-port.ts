/** A port to listen on: the one asked for, or else the usual one, or any other where that is taken. */
import { createServer } from 'node:net';
import { CommandError } from '../cli/failure.ts';

/** 0 stands for any that is free. Rejects where `asked` cannot be had. */
export async function freePort(host: string, asked: number | undefined, usual: number): Promise<number> {
  const wished = asked ?? usual;
  const obstacle = await findObstacle(host, wished);
  if (obstacle === null) return wished;
  if (asked === undefined) return 0;
  const reason = obstacle === 'EADDRINUSE' ? 'it is taken' : obstacle;
  throw new CommandError(
    `cannot listen on port ${asked}: ${reason}. Give another with --port, or 0 for any that is free`,
  );
}

/** Null where the port can be listened on, else the system's code. */
function findObstacle(host: string, port: number): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const probe = createServer();
  probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  probe.listen({ host, port }, () => probe.close(() => resolve(null)));
  return promise;
}
