import { Migration } from '@mikro-orm/migrations';

/** Budgets carry over what was left of the period before. A process of the version before leaves `left_before` as it is. */
export class Migration20261130000043 extends Migration {
  override up(): void {
    this.addSql(`
      alter table smart_alert_rules
        add column rollover text not null default 'none',
        add column carries_from date null`);
    this.addSql('alter table rule_spend add column left_before numeric(38, 0) null');
  }

  override down(): void {
    this.addSql('alter table rule_spend drop column left_before');
    this.addSql('alter table smart_alert_rules drop column rollover, drop column carries_from');
  }
}
