import { CommandError } from '../failure.ts';

export const noTenant = (tenantId: string): CommandError =>
  new CommandError(
    `there is no tenant ${tenantId} in this database: give the id that "tenant create" printed, and check DATABASE_URL or DATA_DIR`,
  );
