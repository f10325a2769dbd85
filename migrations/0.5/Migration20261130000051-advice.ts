import { Migration } from '@mikro-orm/migrations';

/**
 * Recommendations are ranked, told once and measured with a range. Open ones were made by definitions that are no longer
 * used, so they expire. A process of the version before ranks what it makes last, and the next rebuild withdraws it.
 */
export class Migration20261130000051 extends Migration {
  override up(): void {
    this.addSql(`
    alter table smart_recommendations
      add column worth numeric not null default 0,
      add column told_at timestamptz null,
      add column measured_low_minor numeric(38,0) null,
      add column measured_high_minor numeric(38,0) null,
      add column expiry_reason text null`);
    // The owner sees all rows for this one change.
    this.addSql('alter table smart_recommendations no force row level security');
    this.addSql(`
    update smart_recommendations set status = 'expired', expiry_reason = 'redefined'
    where status = 'suggested'`);
    this.addSql('alter table smart_recommendations force row level security');
  }

  override down(): void {
    this.addSql(`
    alter table smart_recommendations
      drop column worth, drop column told_at, drop column measured_low_minor, drop column measured_high_minor,
      drop column expiry_reason`);
  }
}
