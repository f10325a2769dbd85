/** Failures of connections, as short and stable words: what libraries say names addresses. */
import { stopped } from './provider.ts';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  ECONNECTION: 'connection_reset',
  EPIPE: 'connection_reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EDNS: 'dns',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETLS: 'tls',
};

/** Node's names for what is wrong with a certificate, and OpenSSL's for a handshake that failed. */
const tlsCodes = /^ERR_(?:TLS|SSL)_|CERT|SELF_SIGNED|UNABLE_TO_/;
/** llhttp's, for an answer that is no HTTP. */
const garbageCodes = /^HPE_/;

export function networkReason(error: unknown): string {
  const code = codeOf(error) ?? '';
  if (tlsCodes.test(code)) return 'tls';
  if (garbageCodes.test(code)) return 'garbage_answer';
  return reasons[code] ?? 'network';
}

/** Why a send was given up. */
export const abortReason = ({ reason }: AbortSignal): string =>
  reason instanceof DOMException && reason.name === 'TimeoutError' ? 'timeout' : stopped;

/** Of the first of several too: one address was tried after another. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  // What the system said goes before what nodemailer makes of it.
  if ('originalCode' in error && typeof error.originalCode === 'string') return error.originalCode;
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}
