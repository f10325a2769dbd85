import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** Limits of a tenant for the mails and SMS of a calendar month, and what was counted against them. */
export class Migration20261130000025 extends Migration {
  override up(): void {
    this.addSql(
      'alter table tenants add column monthly_mail_limit int null, add column monthly_sms_limit int null',
    );
    this.addSql(`
    create table monthly_messages (
      tenant_id uuid not null,
      month date not null,
      email int not null,
      sms int not null,
      primary key (tenant_id, month)
    )`);
    this.addSql(`
    alter table monthly_messages
      add constraint monthly_messages_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    for (const statement of secure('monthly_messages')) this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop table monthly_messages');
    this.addSql('alter table tenants drop column monthly_sms_limit, drop column monthly_mail_limit');
  }
}
