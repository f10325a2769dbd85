import { Migration } from '@mikro-orm/migrations';

/** Tenants, people and API keys, and the inbox for their events. */
export class Migration20261122000001 extends Migration {
  override up(): void {
    this.addSql(`
    create table tenants (
      id uuid not null,
      name text not null,
      timezone text not null,
      currency text not null,
      benchmarks text not null,
      created_at timestamptz not null,
      primary key (id)
    )`);
    this.addSql(`
    create table api_keys (
      tenant_id uuid not null,
      id uuid not null,
      hash bytea not null,
      scope text not null,
      created_at timestamptz not null,
      revoked_at timestamptz null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table api_keys
      add constraint api_keys_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create unique index api_keys_hash
      on api_keys (hash)`);
    this.addSql(`
    create table users (
      tenant_id uuid not null,
      id text not null,
      timezone text null,
      locale text null,
      email text null,
      phone text null,
      name text null,
      benchmark_consent boolean null,
      registered_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table users
      add constraint users_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create table categories (
      tenant_id uuid not null,
      id text not null,
      name text null,
      benchmark_key text null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table categories
      add constraint categories_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create table event_batches (
      tenant_id uuid not null,
      id uuid not null,
      received_at timestamptz not null,
      applied_at timestamptz null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table event_batches
      add constraint event_batches_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create index event_batches_pending
      on event_batches (tenant_id, received_at)
      where applied_at is null`);
    this.addSql(`
    create table events (
      tenant_id uuid not null,
      source text not null,
      id text not null,
      fingerprint bytea not null,
      batch_id uuid not null,
      position int not null,
      type text not null,
      time timestamptz not null,
      expense_id text not null,
      user_id text null,
      category_id text null,
      merchant text null,
      description text null,
      amount_minor bigint null,
      currency text null,
      spent_at timestamptz null,
      error text null,
      primary key (tenant_id, source, id)
    )`);
    this.addSql(`
    alter table events
      add constraint events_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create index events_batch
      on events (tenant_id, batch_id, position)`);
  }

  override down(): void {
    this.addSql('drop table events');
    this.addSql('drop table event_batches');
    this.addSql('drop table categories');
    this.addSql('drop table users');
    this.addSql('drop table api_keys');
    this.addSql('drop table tenants');
  }
}
