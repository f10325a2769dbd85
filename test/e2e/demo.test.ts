import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const replayMs = 240_000;

type Ran = { code: number; stdout: string; stderr: string };

function runDemo(dataDir: string, ...args: string[]): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const env = { PATH: process.env['PATH'], DATA_DIR: dataDir };
  const main = path.resolve('src/cli/demo/main.ts');
  const options = { env, maxBuffer: 64 * 2 ** 20 };
  execFile(process.execPath, [main, '--exit', '--port', '0', ...args], options, (error, stdout, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
  );
  return promise;
}

const told = /^\d{4}-\d\d-\d\d \d\d:\d\d {2}(INFO|WARNING|DANGER|CRITICAL) +(\d+ %)? +Person \d\d {2}\S/;
const figuresOf = (summary: string | undefined): string | undefined => summary?.split(';')[0];

describe('npm run demo -- --exit', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'demo-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it(
    'tells people of every severity, and adds nothing the second time',
    { timeout: 2 * replayMs },
    async () => {
      const first = await runDemo(dataDir, '--live', '2026-10');
      expect(first).toMatchObject({ code: 0 });
      const lines = first.stdout.trimEnd().split('\n');
      const summary = lines.at(-1);
      expect(summary).toMatch(
        /^36 people, [\d,]+ expenses, [\d,]+ events, [\d,]+ decisions, [\d,]+ notifications/,
      );
      const severities = new Set(lines.slice(0, -1).map((line) => told.exec(line)?.[1]));
      expect(severities).toEqual(new Set(['CRITICAL', 'DANGER', 'INFO', 'WARNING']));
      expect(first.stdout).toContain('Clothes is back below');
      expect(first.stderr).toMatch(/history: 100 %/);

      const second = await runDemo(dataDir, '--live', '2026-10');
      expect(second.code).toBe(0);
      const [again, ...others] = second.stdout.trimEnd().split('\n');
      expect(others).toEqual([]);
      expect(figuresOf(again)).toBe(figuresOf(summary));
      expect(again).toMatch(/all of it was here before, nothing was added$/);
    },
  );

  it('says in a line what is wrong with a file', async () => {
    const { code, stderr } = await runDemo(dataDir, '--file', path.join(dataDir, 'none.csv'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: cannot read .*none\.csv/);
  });
});
