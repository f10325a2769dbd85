/** Errors of the command line and its help, as `npx spendwatch` prints them. No command gets as far as a database. */
import { expect, it } from 'vitest';
import { type Ran, runLine } from '../../support/servers/command-line.ts';
import manifest from '../../../package.json' with { type: 'json' };

const spendwatch = (...args: string[]): Promise<Ran> => runLine({}, ...args);

it('prints its version', async () => {
  expect(await spendwatch('--version')).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

it.each([
  ['nonsense', ''],
  ['nonsense --help', ''],
  ['help nonsense', ''],
  ['--help nonsense', ''],
  ['tenant nonsense', ' tenant'],
  ['tenant nonsense -h', ' tenant'],
  ['tenant help nonsense', ' tenant'],
  ['help tenant nonsense', ' tenant'],
])('refuses "%s" as unknown, and names the help there is', async (line, above) => {
  expect(await spendwatch(...line.split(' '))).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: unknown command 'nonsense'\n(see npx spendwatch${above} --help)\n`,
  });
});

it.each([['--nonsense'], ['tenant', 'create'], ['job', 'run'], ['key', 'list', 'x', '--nonsense']])(
  'names the help that says what is missing or unknown in "%s %s %s %s"',
  async (...words) => {
    const { code, stdout, stderr } = await spendwatch(...words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const command = words.slice(0, 2).filter((word) => !word.startsWith('-'));
    expect(stderr).toMatch(/^error: .+\n\(see npx .+ --help\)\n$/);
    expect(stderr).toContain(`(see ${['npx spendwatch', ...command].join(' ')} --help)`);
  },
);

it.each(['', 'tenant', 'job'])(
  'shows the help of "%s" as an error, as a command is missing',
  async (line) => {
    const { code, stdout, stderr } = await spendwatch(...line.split(' ').filter(Boolean));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Commands:');
  },
);
