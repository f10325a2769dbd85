import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

const ownTables = [
  'api_keys',
  'webhook_sources',
  'users',
  'categories',
  'event_batches',
  'events',
  'expenses',
  'daily_spend',
  'smart_alert_rules',
  'rule_spend',
  'alert_states',
  'alert_decisions',
  'notification_history',
  'notification_deliveries',
];
const findable = ['tenants', 'api_keys', 'webhook_sources'];
const functions = [
  'lookup.find_api_key(bytea)',
  'lookup.find_tenant_of_key(uuid)',
  'lookup.find_webhook_source(uuid)',
  'lookup.list_tenants()',
];

/**
 * Row-level security: a transaction sees only the rows of the tenants it names. The service acts as
 * `spendwatch_service`, which owns nothing. Look-ups before the tenant is known are functions of
 * `spendwatch_lookup`. Both roles belong to the whole server, so they are made once and never dropped.
 */
export class Migration20261122000006 extends Migration {
  override up(): void {
    this.addSql(`
    do $$
    declare needed text;
    begin
      foreach needed in array array['spendwatch_service', 'spendwatch_lookup'] loop
        if not exists (select from pg_roles where rolname = needed) then
          begin
            execute format('create role %I nologin', needed);
          exception when duplicate_object or unique_violation then
            null; -- made meanwhile, from another database of the server
          end;
        end if;
      end loop;
      if not pg_has_role(current_user, 'spendwatch_lookup', 'usage') then
        execute format('grant spendwatch_lookup to %I', current_user);
      end if;
    end $$`);
    for (const table of [...ownTables, 'tenants']) this.#secure(table);
    this.#grant();
    this.#lookUps();
  }

  #secure(table: string): void {
    for (const statement of secure(table, table === 'tenants' ? 'id' : 'tenant_id')) this.addSql(statement);
    if (!findable.includes(table)) return;
    this.addSql(`create policy lookup on ${table} for select to spendwatch_lookup using (true)`);
    this.addSql(`grant select on ${table} to spendwatch_lookup`);
  }

  #grant(): void {
    this.addSql('grant usage on schema public to spendwatch_service, spendwatch_lookup');
    this.addSql('grant select, insert, update, delete on all tables in schema public to spendwatch_service');
    this.addSql('revoke insert, update, delete on schema_migrations from spendwatch_service');
    this.addSql(
      'alter default privileges in schema public grant select, insert, update, delete on tables to spendwatch_service',
    );
  }

  #lookUps(): void {
    this.addSql('create schema lookup');
    this.addSql('grant usage on schema lookup to spendwatch_service');
    this.addSql(`
    create function lookup.find_api_key(wanted bytea)
      returns table (tenant_id uuid, id uuid, scope text)
      language sql stable security definer set search_path = public, pg_temp
      begin atomic
        select k.tenant_id, k.id, k.scope from api_keys k where k.hash = wanted and k.revoked_at is null;
      end`);
    this.addSql(`
    create function lookup.find_tenant_of_key(wanted uuid)
      returns uuid
      language sql stable security definer set search_path = public, pg_temp
      begin atomic
        select k.tenant_id from api_keys k where k.id = wanted;
      end`);
    this.addSql(`
    create function lookup.find_webhook_source(wanted uuid)
      returns setof webhook_sources
      language sql stable security definer set search_path = public, pg_temp
      begin atomic
        select s.* from webhook_sources s where s.id = wanted;
      end`);
    this.addSql(`
    create function lookup.list_tenants()
      returns setof uuid
      language sql stable security definer set search_path = public, pg_temp
      begin atomic
        select t.id from tenants t order by t.id;
      end`);
    // The new owner of a function needs the right to create one at that moment.
    this.addSql('grant create on schema lookup to spendwatch_lookup');
    for (const each of functions) {
      this.addSql(`revoke all on function ${each} from public`);
      this.addSql(`grant execute on function ${each} to spendwatch_service`);
      this.addSql(`alter function ${each} owner to spendwatch_lookup`);
    }
    this.addSql('revoke create on schema lookup from spendwatch_lookup');
  }

  override down(): void {
    for (const each of functions) this.addSql(`drop function ${each}`);
    this.addSql('drop schema lookup');
    for (const table of findable) this.addSql(`drop policy lookup on ${table}`);
    for (const table of [...ownTables, 'tenants']) {
      this.addSql(`drop policy named_tenants on ${table}`);
      this.addSql(`alter table ${table} no force row level security`);
      this.addSql(`alter table ${table} disable row level security`);
    }
    this.addSql('alter default privileges in schema public revoke all on tables from spendwatch_service');
    this.addSql('revoke all on all tables in schema public from spendwatch_service, spendwatch_lookup');
    this.addSql('revoke all on schema public from spendwatch_service, spendwatch_lookup');
  }
}
