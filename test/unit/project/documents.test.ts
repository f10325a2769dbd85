/** What the documents name exists, and what exists and is meant to be found is named in them. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schedules } from '../../../jobs/index.ts';
import { settings } from '../../../src/runtime/config/config.ts';
import { contracts } from '../../../src/queue-contracts.ts';
import { decisionOutcomes } from '../../../src/alerts/decide/evaluation.ts';
import { processShell } from '../../../src/cli/shell.ts';
import { roles } from '../../../src/processes.ts';
import {
  type Link,
  listDocuments,
  type Named,
  readAnchors,
  readDocument,
  readLinks,
  readShellBlocks,
  readTable,
  type Route,
} from '../../support/checks/documents.ts';
import { drawFlow, flowBlock, readFlowBlock } from '../../support/checks/flow.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string =>
  existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : '';

const documents = listDocuments(root);
const named = new Map(documents.map((document) => [document, readDocument(read(document))]));

/** Every name of one kind, with the document that has it. */
const everyName = (kind: Exclude<keyof Named, 'routes'>): { document: string; name: string }[] =>
  [...named].flatMap(([document, names]) => names[kind].map((name) => ({ document, name })));

const missing = (kind: Exclude<keyof Named, 'routes'>, exists: (name: string) => boolean): string[] =>
  everyName(kind)
    .filter(({ name }) => !exists(name))
    .map(({ document, name }) => `${document}: ${name}`);

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

const properties = Object.entries(settings.properties).map(([name, schema]) => {
  const examples: unknown = Reflect.get(schema, 'examples');
  return {
    name,
    fallback: asText(Reflect.get(schema, 'default')),
    description: asText(Reflect.get(schema, 'description')),
    example: Array.isArray(examples) ? asText(examples[0]) : undefined,
  };
});

describe('the settings', () => {
  test('stand in .env.example, each with what it means', () => {
    const blocks = properties.map(({ name, fallback, description, example }) => {
      const line = fallback === undefined ? `#${name}=${example}` : `${name}=${fallback}`;
      return `# ${description}\n${line}\n`;
    });
    const head =
      '# Every setting, with its default; those commented out have none, and show an example.\n' +
      '# A copy of this file is read by: npx node --env-file=.env src/main.ts all\n';
    expect(read('.env.example')).toBe([head, ...blocks].join('\n'));
  });

  test('stand in the README, each with its default', () => {
    const rows = readTable(read('README.md'), 'Settings');
    expect(rows.map(([name]) => name)).toEqual(properties.map(({ name }) => `\`${name}\``));
    const wrong = properties.filter(({ fallback }, row) => {
      const shown = rows[row]?.[1];
      return fallback !== undefined && shown !== `\`${fallback}\``;
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
    expect(rows.filter(([, , meaning]) => !meaning)).toEqual([]);
  });

  test('named elsewhere exist, or are variables that an example reads', () => {
    const examples = globSync('examples/*.{sh,ts}', { cwd: root }).map(read).join('\n');
    const unknown = everyName('settings')
      .filter(({ name }) => !(name in settings.properties))
      .filter(({ document, name }) => !document.startsWith('examples/') || !examples.includes(name));
    expect(unknown).toEqual([]);
  });
});

/** Every command by its words, and the options it takes; read from the program itself. */
const commands = new Map<string, string[]>();

function addCommand(command: Command, above: string[]): void {
  const words = [...above, command.name()];
  for (const each of command.commands) addCommand(each, words);
  if (command.commands.length === 0)
    commands.set(
      words.join(' '),
      command.options.map(({ long }) => long ?? ''),
    );
}

describe('commands', () => {
  beforeAll(async () => {
    const made = [...read('src/cli/spendwatch.ts').matchAll(/addCommand\((?<name>\w+)\(shell\)\)/g)];
    const modules: object[] = await Promise.all(
      globSync('src/cli/commands/*.ts', { cwd: root }).map((file) => import(path.join(root, file))),
    );
    for (const name of made.map(({ groups }) => groups?.['name'] ?? '')) {
      const make: unknown = modules.map((module) => Reflect.get(module, name)).find(Boolean);
      if (typeof make !== 'function') throw new Error(`no file in src/cli/commands exports ${name}`);
      // What the program adds is a Command.
      addCommand(make(processShell) as Command, []);
    }
  });

  test('of npm exist', () => {
    // The project's own file; its shape is npm's.
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(missing('npmScripts', (name) => name in scripts)).toEqual([]);
  });

  test('of spendwatch exist, and all of them are in the README', () => {
    expect(missing('commands', (name) => commands.has(name))).toEqual([]);
    expect(named.get('README.md')?.commands).toEqual([...commands.keys()].sort());
  });

  test('take the options shown with them', () => {
    const takes = (shown: string): boolean => {
      const { words = '', option = '' } = /^(?<words>.*) (?<option>--\S+)$/.exec(shown)?.groups ?? {};
      return commands.get(words)?.includes(option) ?? false;
    };
    expect(missing('options', takes)).toEqual([]);
  });

  test('can be pasted into an interactive shell: no comments, no history expansion, no gaps to fill in', () => {
    const awkward = documents.flatMap((document) =>
      readShellBlocks(read(document))
        .flatMap((block) => block.split('\n'))
        .filter((line) => /(?:^|\s)#\s|!|…/.test(line))
        .map((line) => `${document}: ${line}`),
    );
    expect(awkward).toEqual([]);
    expect(readShellBlocks(read('README.md')).length).toBeGreaterThan(4);
  });

  test('of the Procfile exist: the migrations, and a process for each role', () => {
    const lines = read('Procfile').trim().split('\n');
    const line = /^(?<name>\w+): .*\bnode (?:--\S+ )*(?<file>\S+) (?<argument>\S+)$/;
    const processes = lines.map((each) => ({ ...line.exec(each)?.groups }));
    expect(processes).toEqual([
      { name: 'release', file: 'src/cli/spendwatch.js', argument: 'migrate' },
      ...roles.map((role) => ({ name: role, file: 'src/main.ts', argument: role })),
    ]);
    expect(processes.filter(({ file }) => !existsSync(path.join(root, String(file))))).toEqual([]);
    expect([...commands.keys()]).toContain('migrate');
  });
});

describe('routes', () => {
  let service: TestService;
  let documented: Map<string, string[]>;

  beforeAll(async () => {
    service = await startService({ roles: ['web'] });
    const { body } = await service.get('/openapi.json');
    // Its own shape is OpenAPI's, and checked by the contract's tests.
    const { paths } = body as { paths: Record<string, object> };
    documented = new Map(Object.entries(paths).map(([route, calls]) => [route, Object.keys(calls)]));
  });

  afterAll(() => service.stop());

  /** A parameter is whatever stands in its place: `:ruleId`, `RULE_ID`. */
  const isDocumented = ({ method, path: shown }: Route): boolean =>
    [...documented].some(([route, methods]) => {
      const pattern = new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
      return pattern.test(shown) && (method === null || methods.includes(method.toLowerCase()));
    });

  test('exist', async () => {
    const routes = [...named].flatMap(([document, { routes }]) =>
      routes.map((route) => ({ document, ...route })),
    );
    expect(routes.length).toBeGreaterThan(5);
    const unknown: string[] = [];
    for (const route of routes.filter((each) => !isDocumented(each))) {
      // Pages are no part of the OpenAPI document: they answer, if only with a demand to sign in.
      const isPage = (route.method ?? 'GET') === 'GET' && !route.path.startsWith('/api/');
      if (!isPage || (await service.get(route.path)).status === 404)
        unknown.push(`${route.document}: ${route.method ?? ''} ${route.path}`);
    }
    expect(unknown).toEqual([]);
  });
});

describe('names', () => {
  test('of files exist', () => {
    const exists = (name: string): boolean => {
      const known = name.replace(/[<*].*$/, '');
      return existsSync(path.join(root, known));
    };
    expect(missing('files', exists)).toEqual([]);
  });

  test('in backticks occur in the code', () => {
    const code = globSync(
      ['src/**/*.ts', 'workers/*.ts', 'jobs/*.ts', 'migrations/**/*.ts', 'package.json'],
      {
        cwd: root,
      },
    )
      .map(read)
      .join('\n');
    expect(missing('names', (name) => new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });

  test('links lead to a file that is there, and to a heading it has', () => {
    const leads = (document: string, { target, anchor }: Link): boolean => {
      const file = target === '' ? document : path.join(path.dirname(document), target);
      return existsSync(path.join(root, file)) && (anchor === '' || readAnchors(read(file)).includes(anchor));
    };
    const astray = documents.flatMap((document) =>
      readLinks(read(document))
        .filter((link) => !leads(document, link))
        .map(({ target, anchor }) => `${document}: ${target}#${anchor}`),
    );
    expect(astray).toEqual([]);
  });

  test('of queues, workers and jobs can be found by a newcomer', () => {
    const text = documents.map(read).join('\n');
    const names = Object.values(contracts).flatMap(({ name, worker }) => [name, worker]);
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
    expect(schedules.length).toBeGreaterThan(0);
  });

  test('of outcomes are all explained, and nothing else is', () => {
    const tables = documents.map((document) => readTable(read(document), 'What a decision means'));
    const explained = tables.flat().map(([name]) => name);
    expect(new Set(explained)).toEqual(new Set(decisionOutcomes.map((outcome) => `\`${outcome}\``)));
    expect(explained).toHaveLength(decisionOutcomes.length);
  });
});

test.each(['README.md', 'docs/architecture.md'])(
  'the picture of the flow in %s is the one drawn from the tables',
  (document) => {
    const files = globSync(['src/**/*.ts', 'workers/*.ts', 'jobs/*.ts'], { cwd: root });
    const sources = new Map(files.map((file) => [file.replaceAll('\\', '/'), read(file)]));
    const drawn = flowBlock(drawFlow(contracts, schedules, sources));
    expect(readFlowBlock(read(document)), `paste this into ${document}:\n\n${drawn}\n\n`).toBe(drawn);
  },
);

test('the documents a newcomer looks for are there', () => {
  expect(documents).toEqual(
    expect.arrayContaining(['CHANGELOG.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md']),
  );
});

/** Each promise in it is broken: a reader that passes over one would pass over the real thing. */
test('the reader finds what a document promises', () => {
  const text = [
    'Run `npm run dance`, then `npx spendwatch tenant praise --loudly` and:',
    '```sh',
    'npx spendwatch fly   # away',
    "curl -s http://127.0.0.1:3000/api/nowhere/ID -H 'a: b'",
    '```',
    '`GET /api/nothing?x=1` is in `src/db/nothing.ts`, [beside](NOTHING.md) `no-such-job`, `noSuchName`, `SETTING_OF_NONE`, docs/none.md.',
  ].join('\n');
  expect(readDocument(text)).toEqual({
    npmScripts: ['dance'],
    commands: ['fly', 'tenant praise'],
    options: ['tenant praise --loudly'],
    routes: [
      { method: 'GET', path: '/api/nothing' },
      { method: null, path: '/api/nowhere/ID' },
    ],
    files: ['NOTHING.md', 'docs/none.md', 'src/db/nothing.ts'],
    settings: ['SETTING_OF_NONE'],
    names: ['no-such-job', 'noSuchName'],
  });
});

test('the reader finds links within the project, and the headings they may name', () => {
  const text =
    '## What is `this`, Part 2?\n[a](b.md#c-d) [e](#f) [g](../LICENSE) [h](https://i.example/j.md#k) [l](mailto:m@n.example)';
  expect(readLinks(text)).toEqual([
    { target: 'b.md', anchor: 'c-d' },
    { target: '', anchor: 'f' },
    { target: '../LICENSE', anchor: '' },
  ]);
  expect(readAnchors(text)).toEqual(['what-is-this-part-2']);
});
