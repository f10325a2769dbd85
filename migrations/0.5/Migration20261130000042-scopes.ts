import { Migration } from '@mikro-orm/migrations';

/**
 * A rule watches one category, a group of them, or all spending but some. Null stands for no list. A process of the version
 * before reads none of these: it counts all spending in such a rule until it is replaced, and `reconcile-spending` repairs
 * what it added.
 */
export class Migration20261130000042 extends Migration {
  override up(): void {
    this.addSql(`
      alter table smart_alert_rules
        add column category_ids text[] null,
        add column exclude_categories text[] null,
        add column exclude_merchants text[] null`);
  }

  override down(): void {
    this.addSql(`
      alter table smart_alert_rules
        drop column category_ids, drop column exclude_categories, drop column exclude_merchants`);
  }
}
