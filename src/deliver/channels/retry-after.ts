/** Reads `Retry-After`: how long an answer asks to wait. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
import type { IncomingHttpHeaders } from 'node:http';

const maxMs = 3_600_000;

/**
 * Milliseconds, at most an hour; undefined without a valid header. A date counts from the answer's own `date`, so
 * that our clock does not matter. Without that `date` it is ignored.
 */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const wanted = headers['retry-after']?.trim() ?? '';
  const ms = /^\d+$/.test(wanted) ? Number(wanted) * 1000 : instantOf(wanted) - instantOf(headers.date);
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), maxMs);
}

/** The pattern is needed because `Date.parse` accepts much that is no HTTP date. */
const instantOf = (date = ''): number => (/^[A-Z][a-z]{2,8},? .+ GMT$/.test(date) ? Date.parse(date) : NaN);
