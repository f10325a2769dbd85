import { Migration } from '@mikro-orm/migrations';

/** SMS of a person's local day are counted, as nothing may pass their ceiling. */
export class Migration20261130000014 extends Migration {
  override up(): void {
    this.addSql('alter table daily_interruptions add column sms int not null default 0');
  }

  override down(): void {
    this.addSql('alter table daily_interruptions drop column sms');
  }
}
