/** Formats a failure in one line for a terminal: the error and, if it is known, the remedy. */

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

/** The line for a database that cannot be reached or refuses us; null for any other error. */
export function knownFailureOf(error: unknown): string | null {
  const code = codeOf(error);
  if (code && unreachableCodes.includes(code))
    return `the database cannot be reached (${code}): is it running, and is DATABASE_URL right?`;
  if (code && refusedCodes.includes(code))
    return `the database turned us away (${firstLine(error)}): is DATABASE_URL right?`;
  return null;
}

/** Looks into an error's cause too, and into the first of several errors, as when each address of a host failed. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}
