/** The error for a person who is not registered. */
import { CommandError } from './failure.ts';

export const noPerson = (userId: string): CommandError =>
  new CommandError(`no person has the id ${JSON.stringify(userId)} there`);
