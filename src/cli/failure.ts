/** What ends a command, in words for whoever typed it. */
import path from 'node:path';

export { failureOf } from '../runtime/failure.ts';

/** What the caller asked for cannot be done; the message says what to do instead. */
export class CommandError extends Error {}

export const noDatabase = (dataDir: string): string =>
  `there is no database in ${path.resolve(dataDir)}: set DATA_DIR or DATABASE_URL, or start the service first`;
