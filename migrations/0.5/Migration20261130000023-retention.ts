import { Migration } from '@mikro-orm/migrations';

/** Retention finds old notifications by an index that costs nearly nothing to keep. */
export class Migration20261130000023 extends Migration {
  override up(): void {
    this.addSql(`
    create index notification_history_age on notification_history
      using brin (tenant_id, created_at) with (autosummarize = on)`);
  }

  override down(): void {
    this.addSql('drop index notification_history_age');
  }
}
