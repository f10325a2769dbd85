/** The address of this service, as others reach it. */
import type { Config } from './config.ts';

/** A URL for this machine. */
export function ownUrl(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

/**
 * What links begin with that do not work without: PUBLIC_URL, or the address listened on outside production. Null if
 * neither is known. PORT=0 is not: the system chooses the port.
 */
export const linkUrlOf = ({
  publicUrl,
  isProduction,
  host,
  port,
}: Pick<Config, 'publicUrl' | 'isProduction' | 'host' | 'port'>): string | null =>
  publicUrl ?? (isProduction || port === 0 ? null : ownUrl(host, port));
