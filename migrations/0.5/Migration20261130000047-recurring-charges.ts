import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** People's recurring charges. A process of the version before rebuilds profiles without them; the next rebuild has them. */
export class Migration20261130000047 extends Migration {
  override up(): void {
    this.addSql(`
    create table recurring_charges (
      tenant_id uuid not null,
      id uuid not null,
      user_id text not null,
      merchant_key text not null,
      merchant text not null,
      category_id text not null,
      currency text not null,
      cadence text not null,
      every_days int null,
      day_of_month int null,
      state text not null,
      decision text null,
      decided_at timestamptz null,
      is_variable boolean not null,
      amount_minor bigint not null,
      last_amount_minor bigint not null,
      price_before_minor bigint null,
      price_since date null,
      price_charges int null,
      occurrences int not null,
      first_day date not null,
      last_day date not null,
      last_expense_id text not null,
      next_day date null,
      missed_day date null,
      doubled_day date null,
      doubled_expense_id text null,
      created_at timestamptz not null,
      changed_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table recurring_charges
      add constraint recurring_charges_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(
      'create index recurring_charges_user on recurring_charges (tenant_id, user_id, created_at desc, id)',
    );
    this.addSql('create index recurring_charges_last_day on recurring_charges (tenant_id, last_day)');
    for (const statement of secure('recurring_charges')) this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop table recurring_charges');
  }
}
