/** How long an answer asks to be left alone. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
import type { IncomingHttpHeaders } from 'node:http';

const maxMs = 3_600_000;

/**
 * Milliseconds, at most an hour; undefined where it does not say. A date counts from the answer's own `date`,
 * so that no clock of ours matters; where there is none it is passed over.
 */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const wanted = headers['retry-after']?.trim() ?? '';
  const ms = /^\d+$/.test(wanted) ? Number(wanted) * 1000 : instantOf(wanted) - instantOf(headers.date);
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), maxMs);
}

/** `Date.parse` takes much else for a date. */
const instantOf = (date = ''): number => (/^[A-Z][a-z]{2,8},? .+ GMT$/.test(date) ? Date.parse(date) : NaN);
