import { Migration } from '@mikro-orm/migrations';

/** Services that post by signed webhook. */
export class Migration20261122000005 extends Migration {
  override up(): void {
    this.addSql(`
    create table webhook_sources (
      tenant_id uuid not null,
      id uuid not null,
      secret bytea not null,
      previous_secret bytea null,
      previous_ends_at timestamptz null,
      created_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table webhook_sources
      add constraint webhook_sources_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create unique index webhook_sources_id
      on webhook_sources (id)`);
  }

  override down(): void {
    this.addSql('drop table webhook_sources');
  }
}
