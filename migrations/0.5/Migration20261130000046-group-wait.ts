import { Migration } from '@mikro-orm/migrations';

/**
 * The evaluation that made an alert, so that those of one are told together. Null: made by an earlier version, told by
 * itself. And a person's pending notifications, to find them.
 */
export class Migration20261130000046 extends Migration {
  override up(): void {
    this.addSql('alter table notification_history add column evaluation bigint null');
    this.addSql(
      "create index notification_history_pending_user on notification_history (tenant_id, user_id) where status = 'pending'",
    );
  }

  override down(): void {
    this.addSql('drop index notification_history_pending_user');
    this.addSql('alter table notification_history drop column evaluation');
  }
}
