/**
 * Real statements through the real demo. Every figure is then computed again from the rows of the file, by SQL and by
 * a plain walk without the service's code. Skipped without the file.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvLine } from '../../../src/ingest/statement-files/rejected-file.ts';
import { type EmbeddedPostgres, joinEmbeddedPostgres } from '../../../src/runtime/database/embedded/join.ts';
import { isOnRedis, queuesOfFile, whyNoQueues } from '../../support/servers/queue-settings.ts';
import { environment } from '../../support/servers/processes.ts';

const file = '../shared/data/birmingham-purchase-cards-2019-2021.csv.gz';
const live = '2021-11';
/** A fifth of the cards from July on. The whole file takes minutes; `TEST_EVERYTHING` replays it on PostgreSQL. */
const selection =
  process.env['TEST_EVERYTHING'] && !isOnRedis
    ? { since: '', cards: /./, sums: 20_000, rules: 100 }
    : { since: '2021-07-01', cards: /[05]$/, sums: 800, rules: 50 };
const queues = await queuesOfFile();

type Row = Record<string, string>;

describe.runIf(existsSync(file) && whyNoQueues === null)('a replay of real statements', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  let client: Client;
  let rows: Row[];
  let replayed: string;

  const replay = async (): Promise<string> => {
    const args = ['src/demo/main.ts', '--exit', '--file', replayed, '--live', live, '--port', '0'];
    const env = environment({ DATA_DIR: dataDir, ...queues });
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
  const read = async (statement: string): Promise<Row[]> => (await client.query<Row>(statement)).rows;
  const openDatabase = async (): Promise<void> => {
    const [folder = ''] = await readdir(join(dataDir, 'demo'));
    server = await joinEmbeddedPostgres({ dataDir: join(dataDir, 'demo', folder) });
    client = new Client({ connectionString: server.url });
    await client.connect();
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-statements-'));
    const all: Row[] = parse(gunzipSync(await readFile(file)), { columns: true });
    rows = all.filter(
      ({ transaction_date: day = '', card_last4: card = '' }) =>
        day >= selection.since && selection.cards.test(card),
    );
    replayed = rows.length === all.length ? file : join(dataDir, 'statements.csv.gz');
    if (replayed !== file) await writeFile(replayed, gzipSync(formatCsv(rows)));
    await replay();
    await openDatabase();
    await loadRows(client, rows);
  }, 240_000);

  afterAll(async () => {
    await client?.end();
    await server?.release();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('keeps the spending of every person, category and month to the penny', async () => {
    const differences = await read(`
      with file as (
        select card as user_id, category as category_id, to_char(day, 'YYYY-MM') as month, sum(pence) as pence
        from usable where day < '2021-12-01' group by 1, 2, 3
      ), kept as (
        select user_id, category_id, to_char(day, 'YYYY-MM') as month, sum(amount_minor) as pence
        from expenses group by 1, 2, 3
      ), daily as (
        select user_id, category_id, to_char(day, 'YYYY-MM') as month, sum(amount_minor) as pence
        from daily_spend group by 1, 2, 3
      )
      select * from file full join kept using (user_id, category_id, month)
        full join daily using (user_id, category_id, month)
      where file.pence is distinct from kept.pence or kept.pence is distinct from daily.pence`);
    expect(differences).toEqual([]);
    const [counts] = await read(`
      select (select count(*) from usable where day < '2021-12-01') as usable,
        (select count(*) from expenses) as expenses,
        (select count(*) from (select distinct user_id, category_id, to_char(day, 'YYYY-MM') from expenses) s)
          as sums`);
    expect(counts?.['expenses']).toBe(counts?.['usable']);
    expect(Number(counts?.['sums'])).toBeGreaterThan(selection.sums);
  });

  it('keeps the spending of every rule, whose budget is the median month', async () => {
    const differences = await read(`
      with months as (
        select card, category, to_char(day, 'YYYY-MM') as month, sum(pence) as pence
        from usable where day < '2021-11-01' group by 1, 2, 3
      ), budgets as (
        select card as user_id, category as category_id,
          ceil(round((percentile_cont(0.5) within group (order by pence))::numeric, 1) - 0.25)::numeric as pence
        from months group by 1, 2 having count(*) >= 3 and percentile_cont(0.5) within group (order by pence) > 0
      ), november as (
        select card as user_id, category as category_id, sum(pence) as spent
        from usable where day >= '2021-11-01' and day < '2021-12-01' group by 1, 2
      ), rules as (
        select r.user_id, r.category_id, r.budget_minor, s.spent_minor
        from smart_alert_rules r left join rule_spend s on s.rule_id = r.id and s.period_start = '2021-11-01'
      )
      select * from budgets full join rules using (user_id, category_id)
        left join november using (user_id, category_id)
      where budgets.pence is distinct from rules.budget_minor
        or coalesce(november.spent, 0) <> coalesce(rules.spent_minor, 0)`);
    expect(differences).toEqual([]);
  });

  it('alerts once at each level that a plain walk through the month finds', async () => {
    const budgets = await read(`select id, user_id, category_id, budget_minor from smart_alert_rules`);
    const decisions = await read(`
      select rule_id, level, outcome from alert_decisions
      where period_start = '2021-11-01' and basis is null order by number`);
    const walked = await walk(client, budgets);
    const recorded = readCrossings(decisions);
    expect(walked.size).toBeGreaterThan(selection.rules);
    expect(Object.fromEntries(recorded)).toEqual(Object.fromEntries(walked));
    const twice = await read(`
      select rule_id, level, basis from alert_decisions where outcome = 'notified'
      group by rule_id, period_start, level, basis
      having count(*) > 1 + (select count(*) from alert_decisions r where r.rule_id = alert_decisions.rule_id
        and r.level = alert_decisions.level and r.outcome = 'resolved' and r.basis is null
        and alert_decisions.basis is null)`);
    expect(twice).toEqual([]);
    const unsentAlerts = await read(`
      select id from notification_history where status <> 'sent'
      union all select notification_id from alert_decisions d where outcome = 'notified' and not exists
        (select from notification_history n where n.id = d.notification_id)`);
    expect(unsentAlerts).toEqual([]);
  });

  it('adds nothing when it is replayed again', async () => {
    const count = () =>
      read(`select (select count(*) from expenses) as expenses, (select count(*) from alert_decisions) as decisions,
        (select count(*) from notification_history) as notifications, (select count(*) from events) as events`);
    const before = await count();
    await client.end();
    await server.release();
    await replay();
    await openDatabase();
    expect(await count()).toEqual(before);
    process.stderr.write(`real statements: ${JSON.stringify(before[0])}\n`);
  }, 240_000);
});

const formatCsv = (rows: readonly Row[]): string =>
  [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map(csvLine).join('\n');

/** Loads the file as it is, and makes a view of the usable rows: the billed pounds, or else the original ones. */
async function loadRows(client: Client, rows: readonly Row[]): Promise<void> {
  await client.query(`create temp table file_rows (line int, card text, category text, day text, billed text,
    billed_in text, original text, original_in text)`);
  const column = (name: string): string[] => rows.map((row) => (row[name] ?? '').trim());
  await client.query(
    `insert into file_rows select line, card, category, day, billed, billed_in, original, original_in
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
     with ordinality as f (card, category, day, billed, billed_in, original, original_in, line)`,
    [
      column('card_last4'),
      column('category'),
      column('transaction_date'),
      column('billed_amount'),
      column('billed_currency'),
      column('original_amount'),
      column('original_currency'),
    ],
  );
  await client.query(`create temp view usable as
    select line, card, category, day::date as day, (amount::numeric * 100)::bigint as pence
    from (
      select *, case when billed <> '' and billed_in = 'GBP' then billed
        when original <> '' and original_in = 'GBP' then original end as amount
      from file_rows
    ) f
    where card <> '' and category <> '' and day ~ '^\\d{4}-\\d\\d-\\d\\d$' and amount ~ '^-?\\d+(\\.\\d{1,2})?$'`);
}

const levels = [80, 95, 100, 150];

/** For each rule the levels it reached (`+`) and fell below (`-`), row by row in the order posted. */
async function walk(client: Client, budgets: readonly Row[]): Promise<Map<string, string[]>> {
  const { rows } = await client.query<Row>(`
    select card, category, pence from usable where day >= '2021-11-01' and day < '2021-12-01' order by day, line`);
  const ruleByPerson = new Map(budgets.map((rule) => [`${rule['user_id']}|${rule['category_id']}`, rule]));
  const spent = new Map<string, number>();
  const crossings = new Map<string, string[]>();
  for (const row of rows) {
    const rule = ruleByPerson.get(`${row['card']}|${row['category']}`);
    if (!rule?.['id']) continue;
    const before = spent.get(rule['id']) ?? 0;
    const after = before + Number(row['pence']);
    spent.set(rule['id'], after);
    const isOver = (sum: number, level: number) => sum * 100 >= level * Number(rule['budget_minor']);
    const up = levels.filter((level) => !isOver(before, level) && isOver(after, level));
    const down = levels.filter((level) => isOver(before, level) && !isOver(after, level)).toReversed();
    const crossed = [...up.map((level) => `+${level}`), ...down.map((level) => `-${level}`)];
    if (crossed.length > 0) crossings.set(rule['id'], [...(crossings.get(rule['id']) ?? []), ...crossed]);
  }
  return crossings;
}

/** The same from decisions, without the second row that the end of a cooldown writes for an open level. */
function readCrossings(decisions: readonly Row[]): Map<string, string[]> {
  const crossings = new Map<string, string[]>();
  const open = new Set<string>();
  for (const { rule_id: rule = '', level, outcome } of decisions) {
    const key = `${rule} ${level}`;
    const isUp = outcome !== 'resolved';
    if (isUp && open.has(key)) continue;
    if (isUp) open.add(key);
    else open.delete(key);
    crossings.set(rule, [...(crossings.get(rule) ?? []), `${isUp ? '+' : '-'}${level}`]);
  }
  return crossings;
}
