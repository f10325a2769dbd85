import { Migration } from '@mikro-orm/migrations';

const listWaiting = 'lookup.list_waiting_tenants(uuid, int)';

/**
 * Finds the tenants whose events wait for evaluation, so that claims can go round them. It returns at most so many, by
 * their ids, of those after the one given. Each takes one step into `event_batches_pending`.
 */
export class Migration20261130000019 extends Migration {
  override up(): void {
    this.addSql('create policy lookup on event_batches for select to spendwatch_lookup using (true)');
    this.addSql('grant select on event_batches to spendwatch_lookup');
    this.addSql(`
    create function lookup.list_waiting_tenants(after uuid, at_most int)
      returns setof uuid
      language sql stable security definer set search_path = public, pg_temp
      begin atomic
        with recursive waiting as (
          select 0 as found, after as tenant_id
          union all
          select w.found + 1, (
            select b.tenant_id from event_batches b
            where b.applied_at is null and b.tenant_id > w.tenant_id
            order by b.tenant_id limit 1
          )
          from waiting w
          where w.tenant_id is not null and w.found < at_most
        )
        select w.tenant_id from waiting w where w.found > 0 and w.tenant_id is not null;
      end`);
    this.addSql('grant create on schema lookup to spendwatch_lookup');
    this.addSql(`revoke all on function ${listWaiting} from public`);
    this.addSql(`grant execute on function ${listWaiting} to spendwatch_service`);
    this.addSql(`alter function ${listWaiting} owner to spendwatch_lookup`);
    this.addSql('revoke create on schema lookup from spendwatch_lookup');
  }

  override down(): void {
    this.addSql(`drop function ${listWaiting}`);
    this.addSql('drop policy lookup on event_batches');
    this.addSql('revoke select on event_batches from spendwatch_lookup');
  }
}
