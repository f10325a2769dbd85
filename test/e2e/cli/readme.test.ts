/**
 * The commands of the README, pasted block by block into bash and zsh as a newcomer does, and those of the guides that go
 * on from there.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readShellBlocks } from '../../support/checks/documents.ts';
import { findDatabase } from '../../support/servers/processes.ts';
import { interactiveShells, ShellSession } from '../../support/servers/shells.ts';

const read = (document: string): string => readFileSync(document, 'utf8');

const shown = readShellBlocks(read('README.md'));
const goingOn = ['docs/guides/webhooks.md', 'docs/guides/exchange-rates.md'].flatMap((guide) =>
  readShellBlocks(read(guide)),
);
const [, decisions = ''] = /^```json\n(.*?)^```$/ms.exec(read('README.md')) ?? [];

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** How a block begins, and what it shows. */
const shows: readonly { begins: string; output: RegExp }[] = [
  {
    begins: 'eval "$(npx -s spendwatch tenant create',
    output: new RegExp(`^tenant ${uuid}, key swk_\\S{43}\\n$`),
  },
  {
    begins: 'TOKEN=',
    output: new RegExp(
      `^rule ${uuid}\\n\\{"accepted":1,"duplicates":0,"rejected":\\[\\]\\}\\{"data":\\[\\{.*120% of the monthly budget.*"level":100.*\\}\\n$`,
    ),
  },
  { begins: 'curl -s "http://127.0.0.1:3000/api/smart-alerts/rules/$RULE/decisions"', output: /^\{"data":/ },
  { begins: 'eval "$(npx -s spendwatch key create', output: /"timezone":"Europe\/Berlin".*"name":"Me"/ },
  { begins: 'ID=msg_1', output: /^\{"accepted":1,"duplicates":0,"rejected":\[\]\}$/ },
  { begins: 'eval "$(npx -s spendwatch webhook rotate', output: /^$/ },
  {
    begins: 'curl -s -X PUT http://127.0.0.1:3000/api/fx-rates',
    output: /"rates":\{"EUR":"0.92","GBP":"0.79"\}/,
  },
];

/** These run until Ctrl-C: a paste of them never ends. */
const lasting: Readonly<Record<string, RegExp>> = {
  'npm run demo': /^Spendwatch runs at (?<url>\S+)$/m,
  'npm start': /^Spendwatch: (?<url>\S+) .*\n.*\(user operator, password \S+, until it is stopped\)$/m,
};

/** The installation is the one that runs this test. */
const isInstallation = (line: string): boolean => line.startsWith('npm ci');

/** A session in which the README is followed from its beginning. */
class Newcomer {
  readonly #session: ShellSession;
  readonly #folder: string;
  #url = '';

  constructor(session: ShellSession, folder: string) {
    this.#session = session;
    this.#folder = folder;
  }

  /** Pastes a block, and resolves with what it writes. */
  async paste(lines: string): Promise<{ stdout: string; stderr: string }> {
    return this.#session.paste(lines.replaceAll('http://127.0.0.1:3000', this.#url));
  }

  /** Starts the command in the background, and resolves when it serves. */
  async start(command: string, ready: RegExp): Promise<void> {
    const log = path.join(this.#folder, `${command.replaceAll(' ', '-')}.log`);
    await this.#session.paste(`${command} > ${log} 2>&1 &`);
    this.#url = await vi.waitFor(
      async () => {
        const found = ready.exec(await readFile(log, 'utf8'));
        if (!found) throw new Error(`${command} does not serve: ${await readFile(log, 'utf8')}`);
        return found.groups?.['url'] ?? '';
      },
      { timeout: 60_000, interval: 100 },
    );
  }

  /** Ends what was started last; npm passes the signal on. */
  async stop(): Promise<void> {
    await this.#session.paste('kill $! && wait $! || true');
  }
}

/** The README leaves out what differs each time, as `…`. */
const withoutGaps = (key: string, value: unknown): unknown =>
  key === '…' || value === '…' ? undefined : value;

describe.each(interactiveShells)('in $shell', ({ shell, args, isMissing }) => {
  let folder: string;
  let session: ShellSession;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'readme-'));
    session = new ShellSession(isMissing ? 'bash' : shell, args, { DATA_DIR: folder, PORT: '0' });
  });

  afterEach(async () => {
    await session.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test.skipIf(isMissing)(
    `the README can be pasted block by block (skipped without ${shell}, but in CI a failure)`,
    { timeout: 180_000 },
    async () => {
      // The shells say that they have no terminal.
      await session.paste('');
      const newcomer = new Newcomer(session, folder);
      const outputs: string[] = [];
      for (const block of [...shown, ...goingOn]) {
        const lines = block
          .trimEnd()
          .split('\n')
          .filter((line) => !isInstallation(line))
          .join('\n');
        const ready = lasting[lines];
        if (ready) {
          await newcomer.start(lines, ready);
          if (lines === 'npm run demo') await newcomer.stop();
          continue;
        }
        const known = shows.find(({ begins }) => lines.startsWith(begins));
        const { stdout, stderr } = await newcomer.paste(lines);
        expect(stderr).not.toMatch(/failed with|^\S*(?:ba|z)sh: /m);
        expect(stdout, `what is this to show?\n${lines}`).toMatch(known?.output ?? /^(?!)/);
        outputs.push(stdout);
      }
      const answer = outputs.find((output) => output.includes('"superseded"')) ?? '';
      expect(JSON.parse(answer)).toMatchObject(Object(JSON.parse(decisions, withoutGaps)));
      await newcomer.stop();
      expect(await findDatabase(folder)).toEqual([]);
    },
  );
});
