/** Opens HOST and PORT. If that fails, the error says which of the two to change. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { SettingError } from '../runtime/config/config.ts';
import { ownUrl } from '../runtime/config/link-url.ts';

type Endpoint = { host: string; port: number };

/** Returns a URL for this machine. */
export async function listen(app: FastifyInstance, { host, port }: Endpoint): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw refusalOf(error, { host, port }) ?? error;
  }
  // The server listens on TCP, so the address is never the name of a pipe.
  const address = app.server.address() as AddressInfo;
  return ownUrl(host, address.port);
}

function refusalOf(error: unknown, { host, port }: Endpoint): SettingError | null {
  switch (error instanceof Error && 'code' in error ? error.code : null) {
    case 'EADDRINUSE':
      return new SettingError(
        `setting PORT: port ${port} of ${host} is taken. Give another, like PORT=${port === 3001 ? 3002 : 3001}, or PORT=0 for any that is free`,
      );
    case 'EACCES':
      return new SettingError(
        `setting PORT: port ${port} may not be opened by this user. A right one: PORT=3000`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new SettingError(
        `setting HOST: ${host} is no address of this machine. A right one: HOST=127.0.0.1, or HOST=0.0.0.0 for all of them`,
      );
    default:
      return null;
  }
}
