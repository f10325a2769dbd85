import { Migration } from '@mikro-orm/migrations';

/**
 * Addresses and texts of deliveries end. Every row begins with a time in the past at which retention blanks it, once it
 * has ended: those that were there before, and those that a process of the version before ends.
 */
export class Migration20261130000022 extends Migration {
  override up(): void {
    this.addSql(`
    alter table notification_deliveries
      add column address_digest bytea null,
      add column blank_at timestamptz null default '-infinity'`);
    this.addSql(`
    create index notification_deliveries_blank on notification_deliveries (tenant_id, blank_at)
      where blank_at is not null and status not in ('pending', 'sending')`);
    this.addSql(`
    create index events_deleted on events (tenant_id, expense_id)
      where type = 'expense.deleted'`);
  }

  override down(): void {
    this.addSql('drop index events_deleted');
    this.addSql('drop index notification_deliveries_blank');
    this.addSql('alter table notification_deliveries drop column blank_at, drop column address_digest');
  }
}
