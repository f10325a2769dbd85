import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** Exchange rates, and decisions about expenses without a rate. */
export class Migration20261122000008 extends Migration {
  override up(): void {
    this.addSql(`
    create table fx_rates (
      tenant_id uuid not null,
      date date not null,
      base text not null,
      currency text not null,
      rate numeric not null,
      primary key (tenant_id, date, base, currency)
    )`);
    this.addSql(`
    alter table fx_rates
      add constraint fx_rates_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create index fx_rates_currency
      on fx_rates (tenant_id, currency, date)`);
    this.addSql(`
    create index alert_decisions_no_rate
      on alert_decisions (tenant_id, rule_id, expense_id)
      where outcome = 'no_rate'`);
    for (const statement of secure('fx_rates')) this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop index alert_decisions_no_rate');
    this.addSql('drop table fx_rates');
  }
}
