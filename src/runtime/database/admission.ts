/** Checks that the role a service connects as has its rights; `admit-service.ts` grants them at a release. */
import { mayAct, serviceRole } from './admit-service.ts';
import { withReleaseClient } from './release-client.ts';

/** `url` names the service's own role, which may be any. `schemas` hold tables beside the service's own. */
export const isAdmitted = (url: string, schemas: readonly string[]): Promise<boolean> =>
  withReleaseClient(url, async (client) => {
    const { rows } = await client.query<{ isAdmitted: boolean }>(
      `select pg_has_role(current_user, r.oid, ${mayAct}) and not exists (
        select from unnest($2::text[]) as needed (name)
        left join pg_namespace n on n.nspname = needed.name
        where n.oid is null or not has_schema_privilege(r.oid, n.oid, 'usage')
      ) as "isAdmitted"
      from pg_roles r
      where r.rolname = $1`,
      [serviceRole, schemas],
    );
    return rows[0]?.isAdmitted ?? false;
  });
