import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/**
 * Forecasts of rules, and the levels that go by them. Rules from before have no such level, and their levels below 100 %
 * are told while spending is ahead of its pace. A process of the version before makes no forecasts.
 */
export class Migration20261130000048 extends Migration {
  override up(): void {
    this.addSql(`
    alter table smart_alert_rules
      add column forecast_thresholds jsonb null,
      add column every_level boolean not null default false`);
    this.addSql('alter table alert_decisions add column basis text null');
    this.addSql(`
    create table rule_forecasts (
      tenant_id uuid not null,
      rule_id uuid not null,
      user_id text not null,
      period_start date not null,
      period_end date not null,
      day date not null,
      made_at timestamptz not null,
      spent_minor numeric(38,0) not null,
      remaining_minor bigint[] not null,
      bills_minor bigint not null,
      upcoming jsonb not null,
      months int not null,
      transactions int not null,
      primary key (tenant_id, rule_id)
    )`);
    this.addSql('create index rule_forecasts_user on rule_forecasts (tenant_id, user_id)');
    this.addSql(`
    create table forecast_states (
      tenant_id uuid not null,
      rule_id uuid not null,
      period_start date not null,
      period_end date not null,
      level int not null,
      is_open boolean not null,
      changed_at timestamptz not null,
      notification_id uuid null,
      primary key (tenant_id, rule_id, period_start, period_end, level)
    )`);
    for (const table of ['rule_forecasts', 'forecast_states']) {
      this.addSql(`
      alter table ${table}
        add constraint ${table}_tenant_id_foreign foreign key (tenant_id)
        references tenants (id) on update no action on delete cascade`);
      for (const statement of secure(table)) this.addSql(statement);
    }
  }

  override down(): void {
    this.addSql('drop table forecast_states');
    this.addSql('drop table rule_forecasts');
    this.addSql('alter table alert_decisions drop column basis');
    this.addSql('alter table smart_alert_rules drop column forecast_thresholds, drop column every_level');
  }
}
