import { Migration } from '@mikro-orm/migrations';

/** The ledger of a day finds a rule's decisions by their time. */
export class Migration20261130000052 extends Migration {
  override up(): void {
    this.addSql('create index alert_decisions_time on alert_decisions (tenant_id, rule_id, at)');
  }

  override down(): void {
    this.addSql('drop index alert_decisions_time');
  }
}
