/** A failure in one line, for somebody at a terminal: what went wrong and, where it is known, what to do. */

export function failureOf(error: unknown): string {
  return knownFailureOf(error) ?? firstLine(error);
}

const firstLine = (error: unknown): string => {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.split('\n', 1)[0] ?? message;
};

const unreachableCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH'];
/** Wrong password, no such role, no such database. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusedCodes = ['28P01', '28000', '3D000'];

/** Of a database that cannot be reached; null of anything else. */
export function knownFailureOf(error: unknown): string | null {
  const code = codeOf(error);
  if (code && unreachableCodes.includes(code))
    return `the database cannot be reached (${code}): is it running, and is DATABASE_URL right?`;
  if (code && refusedCodes.includes(code))
    return `the database turned us away (${firstLine(error)}): is DATABASE_URL right?`;
  return null;
}

/** Also of an error's cause, and of the first of several: one address may have failed after another. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}
