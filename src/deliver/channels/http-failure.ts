/** What an HTTP answer other than "taken" makes of a delivery. https://www.rfc-editor.org/rfc/rfc9110#status.codes */
import type { Attempt } from './provider.ts';

/** Too late, too early, too many: the same may be taken later. */
const passing: readonly number[] = [408, 425, 429];

/** `detail`: the provider's own code, where it gives one. */
export function answeredFailure(
  { status, retryAfterMs }: { status: number; retryAfterMs: number | undefined },
  detail?: string,
): Attempt {
  const reason = detail === undefined ? `http_${status}` : `http_${status}_${detail}`;
  const isPassing = status >= 500 || passing.includes(status);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return {
    result: isPassing ? { kind: 'retry', reason, ...wait } : { kind: 'failed', reason },
    isUntaken: false,
    // A redirect says that its address is another.
    isProviderAtFault: isPassing || status < 400,
  };
}

export const isAccepted = (status: number): boolean => status >= 200 && status < 300;
