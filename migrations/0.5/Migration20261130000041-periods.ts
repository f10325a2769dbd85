import { Migration } from '@mikro-orm/migrations';

/**
 * Budgets from payday to payday and for a trip. The columns are null for the kinds of the calendar. An expense finds in the
 * index whether it lies in a rule's periods.
 */
export class Migration20261130000041 extends Migration {
  override up(): void {
    this.addSql(`
    alter table smart_alert_rules
      add column period_rrule text null, add column period_start date null, add column period_end date null`);
    this.addSql('drop index smart_alert_rules_active');
    this.addSql(`
    create index smart_alert_rules_active
      on smart_alert_rules (tenant_id, user_id, category_id) include (id, currency, period_start, period_end)
      where is_active`);
  }

  override down(): void {
    this.addSql('drop index smart_alert_rules_active');
    this.addSql(`
    create index smart_alert_rules_active
      on smart_alert_rules (tenant_id, user_id, category_id) include (id, currency)
      where is_active`);
    this.addSql(
      'alter table smart_alert_rules drop column period_rrule, drop column period_start, drop column period_end',
    );
  }
}
