import { Migration } from '@mikro-orm/migrations';

/** The spending between which no level of a rule's period opens or closes. Null: not known. */
export class Migration20261130000011 extends Migration {
  override up(): void {
    this.addSql(`
    alter table rule_spend
      add column guard_low numeric null,
      add column guard_high numeric null`);
  }

  override down(): void {
    this.addSql(`
    alter table rule_spend
      drop column guard_low,
      drop column guard_high`);
  }
}
