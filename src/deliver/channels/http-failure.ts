/**
 * Converts an HTTP answer other than success to a failed attempt.
 * https://www.rfc-editor.org/rfc/rfc9110#status.codes
 */
import type { Attempt } from './provider.ts';

/** Request timeout, too early, too many requests: the same message may be accepted later. */
const retryableStatuses: readonly number[] = [408, 425, 429];

/** `detail`: the provider's own code, if it gives one. */
export function answeredFailure(
  { status, retryAfterMs }: { status: number; retryAfterMs: number | undefined },
  detail?: string,
): Attempt {
  const reason = detail === undefined ? `http_${status}` : `http_${status}_${detail}`;
  const isRetryable = status >= 500 || retryableStatuses.includes(status);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return {
    result: isRetryable ? { kind: 'retry', reason, ...wait } : { kind: 'failed', reason },
    isNotAccepted: false,
    // A redirect means that the provider's address is wrong.
    isProviderAtFault: isRetryable || status < 400,
  };
}

export const isAccepted = (status: number): boolean => status >= 200 && status < 300;
