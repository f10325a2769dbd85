import { Migration } from '@mikro-orm/migrations';

/**
 * An expense finds its rules in the index alone, where it read every rule of its person. Pages of daily totals keep
 * room for new versions of their rows, which else each take a new entry in the index.
 */
export class Migration20261130000013 extends Migration {
  override up(): void {
    this.addSql('drop index smart_alert_rules_active');
    this.addSql(`
    create index smart_alert_rules_active
      on smart_alert_rules (tenant_id, user_id, category_id) include (id, currency)
      where is_active`);
    this.addSql('alter table daily_spend set (fillfactor = 75)');
  }

  override down(): void {
    this.addSql('alter table daily_spend reset (fillfactor)');
    this.addSql('drop index smart_alert_rules_active');
    this.addSql(`
    create index smart_alert_rules_active
      on smart_alert_rules (tenant_id, user_id)
      where is_active`);
  }
}
