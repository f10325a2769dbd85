import { CommandError } from './failure.ts';

export const noTenant = (tenantId: string): CommandError =>
  new CommandError(
    `there is no tenant ${tenantId} in this database: see "tenant list", and check DATABASE_URL or DATA_DIR`,
  );
