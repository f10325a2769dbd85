import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** Tenants whose people confirm an address before it is used, and the confirmations that were asked for. */
export class Migration20261130000026 extends Migration {
  override up(): void {
    this.addSql('alter table tenants add column confirm_addresses boolean not null default false');
    this.addSql(`
    create table address_confirmations (
      tenant_id uuid not null,
      id uuid not null,
      user_id text not null,
      channel text not null,
      address text null,
      address_digest bytea not null,
      key bytea null,
      status text not null,
      attempts int not null,
      failure_reason text null,
      created_at timestamptz not null,
      changed_at timestamptz not null,
      retry_at timestamptz null,
      expires_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table address_confirmations
      add constraint address_confirmations_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create unique index address_confirmations_waiting on address_confirmations (tenant_id, user_id, channel)
      where address is not null`);
    this.addSql(`
    create index address_confirmations_recent on address_confirmations (tenant_id, user_id, channel, created_at)`);
    this.addSql(`
    create index address_confirmations_digest on address_confirmations (tenant_id, address_digest, created_at)`);
    this.addSql(`
    create index address_confirmations_key on address_confirmations (tenant_id, sha256(key))
      where address is not null`);
    this.addSql(`
    create index address_confirmations_unfinished on address_confirmations (tenant_id, changed_at)
      where status in ('pending', 'sending') and address is not null`);
    for (const statement of secure('address_confirmations')) this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop table address_confirmations');
    this.addSql('alter table tenants drop column confirm_addresses');
  }
}
