import { Migration } from '@mikro-orm/migrations';

/** Expenses, the sums over them, and the rules and alerts on the sums. */
export class Migration20261122000002 extends Migration {
  override up(): void {
    this.addSql(`
    create table expenses (
      tenant_id uuid not null,
      id text not null,
      event_time timestamptz not null,
      event_id text not null,
      event_source text not null,
      user_id text null,
      category_id text null,
      merchant text null,
      description text null,
      amount_minor bigint null,
      currency text null,
      spent_at timestamptz null,
      day date null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table expenses
      add constraint expenses_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create index expenses_user_day
      on expenses (tenant_id, user_id, day)
      where user_id is not null`);
    this.addSql(`
    create table daily_spend (
      tenant_id uuid not null,
      user_id text not null,
      day date not null,
      category_id text not null,
      currency text not null,
      amount_minor numeric(38,0) not null,
      expense_count int not null,
      primary key (tenant_id, user_id, day, category_id, currency)
    )`);
    this.addSql(`
    alter table daily_spend
      add constraint daily_spend_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create table smart_alert_rules (
      tenant_id uuid not null,
      id uuid not null,
      user_id text not null,
      name text not null,
      category_id text null,
      budget_minor bigint not null,
      currency text not null,
      period text not null,
      thresholds jsonb not null,
      channels jsonb not null,
      quiet_hours jsonb null,
      max_notifications_per_day int not null,
      cooldown_minutes int not null,
      notifications_enabled boolean not null,
      notify_on_recovery boolean not null,
      is_active boolean not null,
      next_period_at timestamptz not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table smart_alert_rules
      add constraint smart_alert_rules_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create index smart_alert_rules_user
      on smart_alert_rules (tenant_id, user_id, created_at desc, id)`);
    this.addSql(`
    create index smart_alert_rules_active
      on smart_alert_rules (tenant_id, user_id)
      where is_active`);
    this.addSql(`
    create index smart_alert_rules_next_period
      on smart_alert_rules (tenant_id, next_period_at)
      where is_active`);
    this.addSql(`
    create table rule_spend (
      tenant_id uuid not null,
      rule_id uuid not null,
      period_start date not null,
      period_end date not null,
      spent_minor numeric(38,0) not null,
      primary key (tenant_id, rule_id, period_start, period_end)
    )`);
    this.addSql(`
    alter table rule_spend
      add constraint rule_spend_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create table alert_states (
      tenant_id uuid not null,
      rule_id uuid not null,
      period_start date not null,
      period_end date not null,
      level int not null,
      is_open boolean not null,
      changed_at timestamptz not null,
      notified_at timestamptz null,
      renotify_at timestamptz null,
      primary key (tenant_id, rule_id, period_start, period_end, level)
    )`);
    this.addSql(`
    alter table alert_states
      add constraint alert_states_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create index alert_states_renotify
      on alert_states (tenant_id, renotify_at)
      where renotify_at is not null`);
    this.addSql(`
    create table alert_decisions (
      tenant_id uuid not null,
      rule_id uuid not null,
      number bigint generated always as identity not null,
      at timestamptz not null,
      level int null,
      outcome text not null,
      period_start date not null,
      spent_minor numeric(38,0) not null,
      budget_minor bigint not null,
      currency text not null,
      expense_id text null,
      notification_id uuid null,
      until timestamptz null,
      primary key (tenant_id, rule_id, number)
    )`);
    this.addSql(`
    alter table alert_decisions
      add constraint alert_decisions_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
  }

  override down(): void {
    this.addSql('drop table alert_decisions');
    this.addSql('drop table alert_states');
    this.addSql('drop table rule_spend');
    this.addSql('drop table smart_alert_rules');
    this.addSql('drop table daily_spend');
    this.addSql('drop table expenses');
  }
}
