import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, findDatabase } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const replayMs = 240_000;
const queues = await queuesOfFile();

type Ran = { code: number; stdout: string; stderr: string };

function runDemo(dataDir: string, ...args: string[]): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const env = environment({ DATA_DIR: dataDir, ...queues });
  const main = path.resolve('src/demo/main.ts');
  const options = { env, maxBuffer: 64 * 2 ** 20 };
  execFile(process.execPath, [main, '--exit', '--port', '0', ...args], options, (error, stdout, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
  );
  return promise;
}

/** Reads one line of standard output and closes it, as `| head -1` does. Returns the exit code and standard error. */
async function runBehindHead(dataDir: string, month: string): Promise<{ code: number; stderr: string }> {
  const env = environment({ DATA_DIR: dataDir, ...queues });
  const args = [path.resolve('src/demo/main.ts'), '--live', month, '--port', '0'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = once(child, 'close');
  await Promise.race([once(createInterface(child.stdout), 'line'), closed]);
  child.stdout.destroy();
  await closed;
  return { code: child.exitCode ?? 1, stderr };
}

const alertLine =
  /^\d{4}-\d\d-\d\d \d\d:\d\d {2}(?:(INFO|WARNING|DANGER|CRITICAL) +reached|(RECOVERY) +below) \d+ % +[A-Z][a-z]+ Sample +\S/;
const notToldLine =
  /^\d{4}-\d\d-\d\d \d\d:\d\d {2}NOT TOLD {2}reached \d+ % +[A-Z][a-z]+ Sample +\S.* {2}\((?<why>.+)\)$/;
/** Checks a night that defers three alerts and a morning that reports two, and a day with more alerts than the quota. */
function expectDeferredAndCapped(lines: readonly string[]): void {
  const of = (person: string): string[] => lines.filter((line) => line.includes(person));
  const night = of('Kate Sample').filter((line) =>
    line.includes('(no mail yet: quiet hours until 2026-10-15 05:00)'),
  );
  expect(night).toHaveLength(3);
  expect(
    of('Kate Sample').filter((line) => / (?:DANGER|MAIL) +Kate Sample +2 budgets need a look$/.test(line)),
  ).toHaveLength(2);
  expect(
    of('Gus Sample').filter((line) =>
      line.endsWith('interruptions are used up, so it is in the next digest)'),
    ).length,
  ).toBeGreaterThan(1);
  const digestLine = / (DIGEST|MAIL) +Gus Sample +(Yesterday: \$[\d.,]+; \d budgets need a look)$/;
  const shown = of('Gus Sample').flatMap((line) => digestLine.exec(line)?.slice(1, 3).join(' ') ?? []);
  // Either may come first, as they are delivered side by side.
  const [subject] = shown.flatMap((line) => (line.startsWith('DIGEST ') ? line.slice('DIGEST '.length) : []));
  expect(subject).toBeDefined();
  expect(shown).toContain(`MAIL ${subject}`);
}

/**
 * Checks that the charges out of the ordinary are told to those who have them, and to nobody else. Uma's is taken back the next
 * day, and may be so before it is told.
 */
function expectCharges(lines: readonly string[]): void {
  const told = lines.flatMap((line) => {
    const found = /^.{16} {2}(?:INFO|WARNING) {2,}(?<person>[A-Z]\w+) Sample +(?<title>.+)$/.exec(
      line,
    )?.groups;
    return found?.['title'] && found['person'] !== 'Uma' && !/needs? a look/.test(found['title'])
      ? `${found['person']}: ${found['title'].replace(/ {2}\(.*\)$/, '')}`
      : [];
  });
  expect(told.toSorted()).toEqual([
    'Ben: TUNEFERRY PREMIUM now costs $12.99 instead of $10.99',
    'Gina: SQ *THE CHEESE CART charged $64.20 twice',
    'Iris: $1,299.00 at NORDVIK SOFAS is unusually much',
    'Leo: IRON YARD GYM has not charged $34.00 as usual',
    'Mia: PAGEHARBOR BOOKS is a new recurring charge of $14.99',
  ]);
}

/** The page names every mail in the folder once, those of the last day first. */
async function expectMailsListed(folder: string): Promise<void> {
  const page = await readFile(path.join(folder, 'index.html'), 'utf8');
  const listed = [...page.matchAll(/<a href="(?<file>[^"]+)">.*<time>(?<at>[^<]+)<\/time>/g)];
  const files = (await readdir(folder)).filter((file) => file.endsWith('.html') && file !== 'index.html');
  expect(listed.length).toBeGreaterThan(100);
  expect(new Set(listed.map(({ groups }) => groups?.['file']))).toEqual(new Set(files));
  expect(listed).toHaveLength(files.length);
  const times = listed.map(({ groups }) => groups?.['at'] ?? '');
  expect(times).toEqual(times.toSorted().toReversed());
  expect(page).toContain('<span class="person">Kate Sample</span>');
}

const findInsight = (output: string): string | undefined => /^What .*?\n\n/ms.exec(output)?.[0];

const findFigures = (summary: string | undefined): string | undefined => summary?.split(';')[0];

describe('npm run demo -- --exit', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'demo-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it(
    'ends without an error when its output is closed, and leaves no database running',
    { timeout: replayMs },
    async () => {
      const folder = path.join(dataDir, 'demo', '2026-10');
      const cut = await runBehindHead(dataDir, '2026-10');
      expect(cut.code).toBe(0);
      expect(cut.stderr).not.toMatch(/EPIPE|error|Stopping/);
      expect(await findDatabase(folder)).toEqual([]);
      expect(await readdir(path.join(folder, 'users'))).toEqual([]);
    },
  );

  it(
    'goes on where it was cut off, shows alerts of every severity, and adds nothing the second time',
    { timeout: 2 * replayMs },
    async () => {
      const first = await runDemo(dataDir, '--live', '2026-10');
      expect(first).toMatchObject({ code: 0 });
      const lines = first.stdout.trimEnd().split('\n');
      const summary = lines.at(-1);
      expect(summary).toMatch(
        /^36 people, 8,840 expenses, 9,126 events, [\d,]+ decisions, [\d,]+ notifications.*added: 1,\d+ events/,
      );
      const severities = new Set(lines.flatMap((line) => alertLine.exec(line)?.slice(1).join('') ?? []));
      expect(severities).toEqual(new Set(['CRITICAL', 'DANGER', 'INFO', 'RECOVERY', 'WARNING']));
      expect(first.stdout).toMatch(/ RECOVERY +below 95 % .* Clothes is back below 95%/);
      expectDeferredAndCapped(lines);
      const reasons = new Set(lines.flatMap((line) => notToldLine.exec(line)?.groups?.['why'] ?? []));
      expect(reasons).toContain('another level was reached with it and speaks for it');
      expect(reasons).toContain('spending fell again while the message waited');
      await expectMailsListed(path.join(dataDir, 'demo', '2026-10', 'mails'));
      const recoveries = lines.filter((line) => alertLine.exec(line)?.[2]);
      expect(summary).toMatch(
        new RegExp(` critical, ${recoveries.length} recover${recoveries.length === 1 ? 'y' : 'ies'}\\)`),
      );
      const insight = findInsight(first.stdout);
      expect(insight).toMatch(/^What [A-Z][a-z]+ Sample reads of their own spending:\n/);
      expect(insight).toMatch(/\n {2}Recommendation {2}Dining: \$[\d.]+ a month, \$[\d.]+ before /);
      expectCharges(lines);
      expect(insight).toMatch(/\n {2}Comparison .* of 36 people /);
      expect(insight).toMatch(/\n {2}2026-10-30 {6}[\d.]+ USD in \d+ payments?, most of it on /);
      expect(first.stderr).toContain('Replaying the expenses of invented people: ');
      expect(first.stderr).toMatch(/\nTimes are in \S+\.\n/);
      expect(first.stderr).toMatch(/history: 100 %/);

      const second = await runDemo(dataDir, '--live', '2026-10');
      expect(second.code).toBe(0);
      const [again = '', ...others] = second.stdout.trimEnd().split('\n').toReversed();
      expect(others.filter((line) => alertLine.test(line) || notToldLine.test(line))).toEqual([]);
      // The insight at the end is shown again.
      expect(findInsight(second.stdout)).toBe(findInsight(first.stdout));
      expect(findFigures(again)).toBe(findFigures(summary));
      expect(again).toMatch(/all of it was here before, nothing was added$/);
    },
  );

  it('refuses a given port that is taken', async () => {
    const taken = createServer().listen({ host: '127.0.0.1', port: 0 });
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : address);
    const { code, stderr } = await runDemo(dataDir, '--port', port);
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`error: cannot listen on port ${port}: it is taken.`);
  });

  it('reports a missing file in one line', async () => {
    const { code, stderr } = await runDemo(dataDir, '--file', path.join(dataDir, 'none.csv'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: cannot read .*none\.csv/);
  });
});
