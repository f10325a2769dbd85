import { Migration } from '@mikro-orm/migrations';

/**
 * Tokens end before their time: those issued to a person, or to everybody of a tenant, before an instant. And a record of
 * what operators and keys did. Its rows outlive their tenant, so they have no foreign key.
 */
export class Migration20261130000024 extends Migration {
  override up(): void {
    this.addSql('alter table tenants add column tokens_valid_from timestamptz null');
    this.addSql('alter table users add column tokens_valid_from timestamptz null');
    this.addSql(`
    create index users_tokens_valid_from on users (tenant_id, tokens_valid_from)
      where tokens_valid_from is not null`);
    this.addSql(`
    create table audit_events (
      id uuid not null,
      at timestamptz not null,
      action text not null,
      actor text not null,
      tenant uuid null,
      user_id text null,
      subject text null,
      address text null,
      details jsonb null,
      primary key (id)
    )`);
    this.addSql(
      'create index audit_events_person on audit_events (tenant, user_id) where user_id is not null',
    );
    // The service adds and forgets, and never rewrites what was done, but for a person's id when they are erased.
    this.addSql('revoke update on audit_events from spendwatch_service');
    this.addSql('grant update (user_id, subject) on audit_events to spendwatch_service');
  }

  override down(): void {
    this.addSql('drop table audit_events');
    this.addSql('alter table users drop column tokens_valid_from');
    this.addSql('alter table tenants drop column tokens_valid_from');
  }
}
