import { Migration } from '@mikro-orm/migrations';

/** A person's own daily quota over all their rules. Null: each rule's number alone. */
export class Migration20261130000045 extends Migration {
  override up(): void {
    this.addSql('alter table users add column max_notifications_per_day int null');
  }

  override down(): void {
    this.addSql('alter table users drop column max_notifications_per_day');
  }
}
