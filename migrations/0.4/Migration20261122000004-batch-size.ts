import { Migration } from '@mikro-orm/migrations';

/** The number of events in a batch, so that small batches can be claimed together. */
export class Migration20261122000004 extends Migration {
  override up(): void {
    this.addSql('alter table event_batches add column event_count int not null default 0');
    this.addSql(`
    update event_batches b set event_count = (
      select count(*) from events e where e.tenant_id = b.tenant_id and e.batch_id = b.id
    )`);
    this.addSql('alter table event_batches alter column event_count drop default');
  }

  override down(): void {
    this.addSql('alter table event_batches drop column event_count');
  }
}
