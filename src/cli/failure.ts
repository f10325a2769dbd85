/** Errors that end a command, with messages for the person who typed it. */
import path from 'node:path';

export { failureOf } from '../runtime/failure.ts';

/** The command cannot do what was asked; the message says what to do instead. */
export class CommandError extends Error {}

export const noDatabase = (dataDir: string): string =>
  `there is no database in ${path.resolve(dataDir)}: set DATA_DIR or DATABASE_URL, or start the service first`;
