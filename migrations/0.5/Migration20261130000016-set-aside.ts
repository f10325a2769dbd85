import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** People whose rows make a scheduled job fail. They are left out of it for a while, and hold up nobody else. */
export class Migration20261130000016 extends Migration {
  override up(): void {
    this.addSql(`
    create table set_aside (
      tenant_id uuid not null,
      user_id text not null,
      job text not null,
      error text not null,
      since timestamptz not null,
      until timestamptz not null,
      primary key (tenant_id, user_id, job)
    )`);
    this.addSql(`
    alter table set_aside
      add constraint set_aside_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    for (const statement of secure('set_aside')) this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop table set_aside');
  }
}
