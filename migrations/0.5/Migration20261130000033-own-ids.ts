import { Migration } from '@mikro-orm/migrations';

const findSource = 'lookup.find_webhook_source(uuid)';

/**
 * Webhooks with ids of their own, and the events that replaced an expense of another sender. The look-up answers whole rows,
 * whose columns are those of the time when it was made.
 */
export class Migration20261130000033 extends Migration {
  override up(): void {
    this.addSql('alter table webhook_sources add column own_ids boolean not null default false');
    this.addSql('alter table events add column replaced_source text null, add column replaced_id text null');
    this.#remakeLookUp();
  }

  override down(): void {
    this.addSql(`drop function ${findSource}`);
    this.addSql('alter table events drop column replaced_source, drop column replaced_id');
    this.addSql('alter table webhook_sources drop column own_ids');
    this.#remakeLookUp();
  }

  #remakeLookUp(): void {
    this.addSql(`drop function if exists ${findSource}`);
    this.addSql(`
    create function lookup.find_webhook_source(wanted uuid)
      returns setof webhook_sources
      language sql stable security definer set search_path = public, pg_temp
      begin atomic
        select s.* from webhook_sources s where s.id = wanted;
      end`);
    this.addSql('grant create on schema lookup to spendwatch_lookup');
    this.addSql(`revoke all on function ${findSource} from public`);
    this.addSql(`grant execute on function ${findSource} to spendwatch_service`);
    this.addSql(`alter function ${findSource} owner to spendwatch_lookup`);
    this.addSql('revoke create on schema lookup from spendwatch_lookup');
  }
}
