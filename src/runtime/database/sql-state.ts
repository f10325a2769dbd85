/** Reads why PostgreSQL refused a statement. */

/** The SQLSTATE of a PostgreSQL error, also when it is the cause of another. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string' && error.code.length === 5) return error.code;
  return 'cause' in error ? sqlState(error.cause) : undefined;
}
