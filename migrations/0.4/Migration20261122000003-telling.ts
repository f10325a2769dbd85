import { Migration } from '@mikro-orm/migrations';

/** Notifications and deliveries, the runs of scheduled jobs, and the clock that all processes share. */
export class Migration20261122000003 extends Migration {
  override up(): void {
    this.addSql(`
    create table notification_history (
      tenant_id uuid not null,
      id uuid not null,
      user_id text not null,
      type text not null,
      severity text not null,
      title text not null,
      message text not null,
      rule_id uuid null,
      level int null,
      is_silent boolean not null,
      status text not null,
      reason text null,
      until timestamptz null,
      merged_into uuid null,
      created_at timestamptz not null,
      sent_at timestamptz null,
      read_at timestamptz null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table notification_history
      add constraint notification_history_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create index notification_history_user
      on notification_history (tenant_id, user_id, created_at desc, id desc)`);
    this.addSql(`
    create index notification_history_pending
      on notification_history (tenant_id, created_at)
      where status = 'pending'`);
    this.addSql(`
    create index notification_history_rule
      on notification_history (tenant_id, rule_id)
      where status in ('pending', 'deferred', 'capped')`);
    this.addSql(`
    create table notification_deliveries (
      tenant_id uuid not null,
      id uuid not null,
      notification_id uuid not null,
      channel text not null,
      status text not null,
      attempts int not null,
      failure_reason text null,
      message jsonb not null,
      changed_at timestamptz not null,
      sent_at timestamptz null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table notification_deliveries
      add constraint notification_deliveries_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create unique index notification_deliveries_channel
      on notification_deliveries (tenant_id, notification_id, channel)`);
    this.addSql(`
    create index notification_deliveries_unfinished
      on notification_deliveries (tenant_id, changed_at)
      where status in ('pending', 'sending')`);
    this.addSql(`
    create table job_runs (
      job text not null,
      slot timestamptz not null,
      status text not null,
      outcome text null,
      changed_at timestamptz not null,
      primary key (job, slot)
    )`);
    this.addSql(`
    create index job_runs_unfinished
      on job_runs (changed_at)
      where status in ('queued', 'running')`);
    this.addSql(`
    create table service_clock (
      id boolean not null,
      offset_ms bigint not null,
      primary key (id)
    )`);
    this.addSql(`
    alter table service_clock
      add constraint service_clock_id_check check (id)`);
  }

  override down(): void {
    this.addSql('drop table service_clock');
    this.addSql('drop table job_runs');
    this.addSql('drop table notification_deliveries');
    this.addSql('drop table notification_history');
  }
}
