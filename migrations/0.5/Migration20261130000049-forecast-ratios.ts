import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** What forecasts take from everybody of a tenant. A process of the version before does not know the table. */
export class Migration20261130000049 extends Migration {
  override up(): void {
    this.addSql(`
    create table forecast_ratios (
      tenant_id uuid not null,
      cell text not null,
      people int not null,
      ratios double precision[] not null,
      made_at timestamptz not null,
      primary key (tenant_id, cell)
    )`);
    this.addSql(`
    alter table forecast_ratios
      add constraint forecast_ratios_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    for (const statement of secure('forecast_ratios')) this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop table forecast_ratios');
  }
}
