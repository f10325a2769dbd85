import { Migration } from '@mikro-orm/migrations';

/** A page shows how many notifications are unread, and reads all of them at once. */
export class Migration20261130000053 extends Migration {
  override up(): void {
    this.addSql(
      'create index notification_history_unread on notification_history (tenant_id, user_id) where read_at is null',
    );
  }

  override down(): void {
    this.addSql('drop index notification_history_unread');
  }
}
