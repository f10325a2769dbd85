/** Maps connection failures to short, stable reasons, because the messages of libraries contain addresses. */
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

/** Node's codes for certificate errors, and OpenSSL's for failed handshakes. */
const tlsCodes = /^ERR_(?:TLS|SSL)_|CERT|SELF_SIGNED|UNABLE_TO_/;
/** llhttp's codes for an answer that is not HTTP. */
const garbageCodes = /^HPE_/;

export function networkReason(error: unknown): string {
  const code = codeOf(error) ?? '';
  if (tlsCodes.test(code)) return 'tls';
  if (garbageCodes.test(code)) return 'garbage_answer';
  return reasons[code] ?? 'network';
}

/** The reason for an aborted send. */
export const abortReason = ({ reason }: AbortSignal): string =>
  reason instanceof DOMException && reason.name === 'TimeoutError' ? 'timeout' : stopped;

/** For an aggregate, the code of its first error: Node tried one address after another. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  // The system's code goes before nodemailer's translation.
  if ('originalCode' in error && typeof error.originalCode === 'string') return error.originalCode;
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}
