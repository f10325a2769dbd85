import { Migration } from '@mikro-orm/migrations';

/**
 * Digests name what was posted late. Null for an expense that was posted when it was spent, and for those that were there
 * before.
 */
export class Migration20261130000040 extends Migration {
  override up(): void {
    this.addSql('alter table expenses add column posted_at timestamptz null');
    this.addSql(
      'create index expenses_posted on expenses (tenant_id, user_id, posted_at) where posted_at is not null',
    );
  }

  override down(): void {
    this.addSql('drop index expenses_posted');
    this.addSql('alter table expenses drop column posted_at');
  }
}
