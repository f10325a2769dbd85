import { Migration } from '@mikro-orm/migrations';

const signature = 'lookup.find_webhook_source(uuid)';

/** Its answer has the columns that the table has when it is made. */
const findSource = `
    create or replace function lookup.find_webhook_source(wanted uuid)
      returns setof webhook_sources
      language sql stable security definer set search_path = public, pg_temp
      begin atomic
        select s.* from webhook_sources s where s.id = wanted;
      end`;

/** Webhooks with ids of their own, and the events that replaced an expense of another sender. */
export class Migration20261130000033 extends Migration {
  override up(): void {
    this.addSql('alter table webhook_sources add column own_ids boolean not null default false');
    this.addSql('alter table events add column replaced_source text null, add column replaced_id text null');
    // Replaced and not made anew, as a process of the version before may be calling it.
    this.addSql(findSource);
  }

  override down(): void {
    this.addSql(`drop function ${signature}`);
    this.addSql('alter table events drop column replaced_source, drop column replaced_id');
    this.addSql('alter table webhook_sources drop column own_ids');
    this.addSql(findSource);
    this.addSql('grant create on schema lookup to spendwatch_lookup');
    this.addSql(`revoke all on function ${signature} from public`);
    this.addSql(`grant execute on function ${signature} to spendwatch_service`);
    this.addSql(`alter function ${signature} owner to spendwatch_lookup`);
    this.addSql('revoke create on schema lookup from spendwatch_lookup');
  }
}
