import { Migration } from '@mikro-orm/migrations';

/**
 * Of the deliveries that wait for a provider, the most urgent go first. They are found by rank and age. When a delivery
 * is tried again stands in its row, so that it does not depend on the queue.
 */
export class Migration20261130000015 extends Migration {
  override up(): void {
    this.addSql(`
    alter table notification_deliveries
      add column rank smallint not null default 3,
      add column retry_at timestamptz`);
    this.addSql(`
    create index notification_deliveries_waiting
      on notification_deliveries (tenant_id, channel, rank, changed_at, id)
      where status = 'pending' and failure_reason is null`);
  }

  override down(): void {
    this.addSql('drop index notification_deliveries_waiting');
    this.addSql('alter table notification_deliveries drop column rank, drop column retry_at');
  }
}
