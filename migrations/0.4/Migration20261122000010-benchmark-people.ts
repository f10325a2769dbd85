import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/**
 * Stores people's figures in benchmarks in one row per person and month, not one per benchmark. Neither direction
 * loses a figure, because a figure that a publication has shown must not count as new again.
 */
export class Migration20261122000010 extends Migration {
  override up(): void {
    this.#replace(
      `
      month date not null,
      user_id text not null,
      benchmark_keys text[] not null,
      spent_minor numeric[] not null,
      percentile_ranks numeric[] not null,
      primary key (tenant_id, month, user_id)`,
      `
      select tenant_id, month, user_id, array_agg(benchmark_key), array_agg(known.minor),
        array_agg(case when known.minor = spent_minor then percentile_rank end)
      from former_benchmark_people
      cross join unnest(published) as known (minor)
      group by tenant_id, month, user_id`,
    );
  }

  override down(): void {
    this.#replace(
      `
      benchmark_key text not null,
      month date not null,
      user_id text not null,
      spent_minor numeric(38,0) null,
      percentile_rank numeric null,
      published numeric[] not null,
      primary key (tenant_id, benchmark_key, month, user_id)`,
      `
      select tenant_id, known.benchmark_key, month, user_id,
        max(known.minor) filter (where known.rank is not null), max(known.rank),
        array_agg(known.minor) || case when max(known.rank) is null then array[null::numeric] end
      from former_benchmark_people
      cross join unnest(benchmark_keys, spent_minor, percentile_ranks) as known (benchmark_key, minor, rank)
      group by tenant_id, known.benchmark_key, month, user_id`,
    );
  }

  /** `rows` selects from `former_benchmark_people`. Even its owner sees none of its rows while security is forced. */
  #replace(columns: string, rows: string): void {
    this.addSql('alter table benchmark_people no force row level security');
    this.addSql('alter table benchmark_people rename to former_benchmark_people');
    this.addSql('alter table former_benchmark_people rename constraint benchmark_people_pkey to former_pkey');
    this.addSql(`
    create table benchmark_people (
      tenant_id uuid not null,${columns}
    )`);
    this.addSql(`
    insert into benchmark_people${rows}`);
    this.addSql('drop table former_benchmark_people');
    this.addSql(`
    alter table benchmark_people
      add constraint benchmark_people_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    for (const statement of secure('benchmark_people')) this.addSql(statement);
  }
}
