import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

const ownTables = [
  'stale_profiles',
  'user_spending_profiles',
  'merchant_consolidation_analysis',
  'smart_recommendations',
  'spending_benchmarks',
  'benchmark_people',
  'daily_spending_summary',
];

/** Profiles, recommendations, benchmarks and summaries, and their due times. */
export class Migration20261122000009 extends Migration {
  override up(): void {
    this.addSql(`
    alter table users
      add column profiled_at timestamptz null,
      add column profile_due_at timestamptz null,
      add column digest_due_at timestamptz not null default '-infinity'`);
    this.addSql(`
    create index users_profile_due
      on users (tenant_id, profile_due_at)
      where profile_due_at is not null`);
    this.addSql(`
    create index users_digest_due
      on users (tenant_id, digest_due_at)`);
    this.addSql(`
    create index daily_spend_day
      on daily_spend using brin (tenant_id, day) with (autosummarize = on)`);
    this.addSql(`
    create index event_batches_applied
      on event_batches (tenant_id, received_at)
      where applied_at is not null`);
    this.#profiles();
    this.#recommendations();
    this.#benchmarks();
    this.#summaries();
    for (const table of ownTables) {
      this.#ownByTenant(table);
      for (const statement of secure(table)) this.addSql(statement);
    }
  }

  #ownByTenant(table: string): void {
    this.addSql(`
    alter table ${table}
      add constraint ${table}_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
  }

  #profiles(): void {
    this.addSql(`
    create table stale_profiles (
      tenant_id uuid not null,
      user_id text not null,
      id uuid not null default gen_random_uuid(),
      since timestamptz not null,
      primary key (tenant_id, user_id)
    )`);
    this.addSql(`
    create unique index stale_profiles_id
      on stale_profiles (tenant_id, id)`);
    this.addSql(`
    create index stale_profiles_since
      on stale_profiles (tenant_id, since)`);
    this.addSql(`
    create table user_spending_profiles (
      tenant_id uuid not null,
      user_id text not null,
      category_id text not null,
      currency text not null,
      months int not null,
      transaction_count int not null,
      monthly_average numeric null,
      average_transaction numeric null,
      transactions_per_month numeric null,
      trend_pct numeric null,
      volatility numeric null,
      computed_at timestamptz not null,
      primary key (tenant_id, user_id, category_id)
    )`);
    this.addSql(`
    create table merchant_consolidation_analysis (
      tenant_id uuid not null,
      user_id text not null,
      category_id text not null,
      currency text not null,
      first_day date not null,
      last_day date not null,
      merchants jsonb not null,
      target_key text null,
      concentration numeric null,
      rate numeric null,
      monthly_saving_minor numeric(38,0) null,
      computed_at timestamptz not null,
      primary key (tenant_id, user_id, category_id)
    )`);
  }

  #recommendations(): void {
    this.addSql(`
    create table smart_recommendations (
      tenant_id uuid not null,
      id uuid not null,
      user_id text not null,
      type text not null,
      category_id text not null,
      status text not null,
      currency text not null,
      monthly_saving_minor numeric(38,0) not null,
      savings_pct numeric not null,
      confidence numeric not null,
      difficulty text not null,
      evidence jsonb not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      expires_at timestamptz not null,
      decided_at timestamptz null,
      dismiss_reason text null,
      baseline_minor numeric null,
      measured_months jsonb null,
      measure_at timestamptz null,
      measured_minor numeric(38,0) null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    create unique index smart_recommendations_open
      on smart_recommendations (tenant_id, user_id, category_id, type)
      where status = 'suggested' or (status = 'accepted' and measured_minor is null)`);
    this.addSql(`
    create index smart_recommendations_user
      on smart_recommendations (tenant_id, user_id, created_at desc, id)`);
    this.addSql(`
    create index smart_recommendations_expiring
      on smart_recommendations (tenant_id, expires_at)
      where status = 'suggested'`);
    this.addSql(`
    create index smart_recommendations_measuring
      on smart_recommendations (tenant_id, measure_at)
      where status = 'accepted' and measured_minor is null`);
  }

  #benchmarks(): void {
    this.addSql(`
    create table spending_benchmarks (
      tenant_id uuid not null,
      benchmark_key text not null,
      month date not null,
      currency text not null,
      category_ids text[] not null,
      cohort_size int not null,
      mean numeric not null,
      standard_deviation numeric null,
      p10 numeric not null,
      p25 numeric not null,
      median numeric not null,
      p75 numeric not null,
      p90 numeric not null,
      updated_at timestamptz not null,
      primary key (tenant_id, benchmark_key, month)
    )`);
    this.addSql(`
    create table benchmark_people (
      tenant_id uuid not null,
      benchmark_key text not null,
      month date not null,
      user_id text not null,
      spent_minor numeric(38,0) null,
      percentile_rank numeric null,
      published numeric[] not null,
      primary key (tenant_id, benchmark_key, month, user_id)
    )`);
  }

  #summaries(): void {
    this.addSql(`
    create table daily_spending_summary (
      tenant_id uuid not null,
      user_id text not null,
      span text not null,
      date date not null,
      currency text not null,
      total_minor numeric(38,0) not null,
      transaction_count int not null,
      facts jsonb not null,
      created_at timestamptz not null,
      primary key (tenant_id, user_id, span, date)
    )`);
  }

  override down(): void {
    for (const table of ownTables.toReversed()) this.addSql(`drop table ${table}`);
    this.addSql('drop index event_batches_applied');
    this.addSql('drop index daily_spend_day');
    this.addSql(`
    alter table users
      drop column digest_due_at,
      drop column profile_due_at,
      drop column profiled_at`);
  }
}
