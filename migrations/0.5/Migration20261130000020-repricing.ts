import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/**
 * People whose sums are still at former exchange rates, and the changes of rates that made them so. And the zone to which a
 * person's many expenses are still to be moved: null with `moving_since` is the tenant's.
 */
export class Migration20261130000020 extends Migration {
  override up(): void {
    this.addSql(`
    create table repricings (
      tenant_id uuid not null,
      id uuid not null,
      expense_count int not null,
      created_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    create table stale_prices (
      tenant_id uuid not null,
      user_id text not null,
      repricing_id uuid not null,
      first_day date not null,
      last_day date not null,
      expense_count int not null,
      primary key (tenant_id, user_id, repricing_id)
    )`);
    this.addSql('alter table users add column moving_since timestamptz, add column moving_to text');
    this.addSql(
      'create index users_moving on users (tenant_id, moving_since) where moving_since is not null',
    );
    this.addSql('create index stale_prices_repricing on stale_prices (tenant_id, repricing_id)');
    for (const table of ['repricings', 'stale_prices']) {
      this.addSql(`
      alter table ${table}
        add constraint ${table}_tenant_id_foreign foreign key (tenant_id)
        references tenants (id) on update no action on delete cascade`);
      for (const statement of secure(table)) this.addSql(statement);
    }
  }

  override down(): void {
    this.addSql('drop index users_moving');
    this.addSql('alter table users drop column moving_since, drop column moving_to');
    this.addSql('drop table stale_prices');
    this.addSql('drop table repricings');
  }
}
