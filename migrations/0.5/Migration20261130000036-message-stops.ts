import { Migration } from '@mikro-orm/migrations';

/** What people ended by the links in messages, so that they can undo it. And people by their phone number, for STOP. */
export class Migration20261130000036 extends Migration {
  override up(): void {
    this.addSql('alter table users add column message_stops jsonb null');
    this.addSql('create index users_phone on users (tenant_id, phone) where phone is not null');
  }

  override down(): void {
    this.addSql('drop index users_phone');
    this.addSql('alter table users drop column message_stops');
  }
}
