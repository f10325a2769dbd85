import { Migration } from '@mikro-orm/migrations';

/** The tables that every event writes. A foreign key to the tenant locked its row for each of their rows. */
const tables = ['events', 'expenses', 'daily_spend', 'rule_spend'];

/** The deletion sees the tenant's rows alone, until its transaction ends. */
const body = `perform set_config('spendwatch.tenants', format('{%s}', old.id), true); ${tables
  .map((table) => `delete from ${table} where tenant_id = old.id;`)
  .join(' ')} return old;`;

/** A trigger deletes the rows of a tenant in these tables. Foreign keys still do in the others. */
export class Migration20261130000012 extends Migration {
  override up(): void {
    for (const table of tables)
      this.addSql(`alter table ${table} drop constraint ${table}_tenant_id_foreign`);
    this.addSql(`
    create function tenants_delete_rows_fn() returns trigger as $$ begin ${body} end; $$ language plpgsql`);
    this.addSql(`
    create trigger delete_rows before delete on tenants
      for each row execute function tenants_delete_rows_fn()`);
  }

  override down(): void {
    this.addSql('drop trigger delete_rows on tenants');
    this.addSql('drop function tenants_delete_rows_fn');
    for (const table of tables)
      this.addSql(`
      alter table ${table}
        add constraint ${table}_tenant_id_foreign
        foreign key (tenant_id)
        references tenants (id) on update no action on delete cascade`);
  }
}
