/** Checks the direction of imports, the purity of decisions, and the place and name of each file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { schedules } from '../../../jobs/index.ts';
import type { Contract } from '../../../src/runtime/queues/contract.ts';
import { contracts } from '../../../src/queue-contracts.ts';
import { order, violations } from '../../support/checks/architecture.ts';
import { readSource } from '../../support/checks/source-text.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folders = ['src', 'workers', 'jobs', 'migrations', 'test'];

function listFiles(folder: string, pattern: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const files = new Map(
  folders.flatMap((folder) => listFiles(folder, /\.[jt]s$/)).map((file) => [file, read(file)]),
);

const camelCase = (name: string): string =>
  name.replaceAll(/-(?<letter>[a-z])/g, (_, letter: string) => letter.toUpperCase());

const isExported = (file: string, name: string): boolean =>
  new RegExp(`export const ${camelCase(name)}\\b`).test(read(file));

const namesIn = (folder: string): string[] =>
  listFiles(folder, /\.ts$/).map((file) => path.basename(file, '.ts'));

describe('the source tree', () => {
  test('breaks no architecture rule', () => {
    expect(files.size).toBeGreaterThan(100);
    expect(violations(files)).toEqual([]);
  });

  test('keeps its tests by kind, and by stage within a kind', () => {
    const known = ['bench', 'contract', 'e2e', 'integration', 'support', 'unit'];
    expect(readdirSync(path.join(root, 'test')).filter((name) => !known.includes(name))).toEqual([]);
    const stages = [...order.flat(), 'project'].join('|');
    const place = new RegExp(`^test/(?:unit|contract|integration|e2e)/(?:${stages})/[^/]+$`);
    expect(listFiles('test', /\.test\.ts$/).filter((file) => !place.test(file))).toEqual([]);
  });
});

describe('one name per thing', () => {
  test('every contract has its worker, in a file of that name, under that name', () => {
    const names = Object.values<Contract>(contracts).map(({ worker }) => worker);
    expect(namesIn('workers').filter((name) => name !== 'index')).toEqual([...new Set(names)].sort());
    expect(names.filter((name) => !isExported(`workers/${name}.ts`, name))).toEqual([]);
  });

  test('every contract is exported under the name of its queue', () => {
    for (const [key, { name }] of Object.entries<Contract>(contracts)) expect(camelCase(name)).toBe(key);
  });

  test('every scheduled job is in a file of its name, under that name', () => {
    const names = schedules.map(({ name }) => name);
    expect(namesIn('jobs').filter((name) => name !== 'index')).toEqual([...names].sort());
    expect(names.filter((name) => !isExported(`jobs/${name}.ts`, name))).toEqual([]);
  });

  test('every statement in a sql folder is named by verb and noun, and exports a function with that verb', () => {
    const statements = listFiles('src', /\.ts$/).filter((file) => /\/sql\/(?!.*-row\.ts$)/.test(file));
    expect(statements.length).toBeGreaterThan(10);
    const wrong = statements.filter((file) => {
      const [verb = '', noun] = path.basename(file, '.ts').split('-');
      const exported = new RegExp(`export (?:async )?(?:function|const) ${verb}[A-Z]`);
      return noun === undefined || !exported.test(read(file));
    });
    expect(wrong).toEqual([]);
  });

  test('every program that package.json names exists', () => {
    // npm defines the shape of package.json, and this one is the project's own.
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(Object.values(bin).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });
});

/** Each source breaks one rule, so a checker that misses it would miss a real fault. */
describe('the architecture checker', () => {
  const found = (tree: Record<string, string>): string[] => violations(new Map(Object.entries(tree)));

  test.each([
    ['an import upwards', 'src/values/a.ts', "import { b } from '../alerts/b.ts';", 'values must not import'],
    [
      'an import upwards over several lines',
      'src/values/a.ts',
      "import {\n  b,\n  c,\n} from '../alerts/b.ts';",
      'must not',
    ],
    ['a type import upwards', 'src/alerts/a.ts', "import type { B } from '../http/b.ts';", 'alerts must not'],
    ['a re-export upwards', 'src/notify/a.ts', "export * from '../deliver/b.ts';", 'notify must not import'],
    [
      'a re-exported name from above',
      'src/notify/a.ts',
      "export { b as c } from '../http/b.ts';",
      'notify must not',
    ],
    [
      'a re-exported type from above',
      'src/notify/a.ts',
      "export type { B } from '../http/b.ts';",
      'notify must not',
    ],
    ['an import for its effect', 'src/runtime/a.ts', "import '../accounts/b.ts';", 'runtime must not'],
    ['a dynamic import', 'src/alerts/a.ts', "const b = await import('../http/b.ts');", 'alerts must not'],
    ['an inline type import', 'src/alerts/a.ts', "type B = import('../http/b.ts').B;", 'alerts must not'],
    ['a computed import', 'src/alerts/a.ts', 'const b = await import(name);', 'only running it can tell'],
    ['a job that imports a worker', 'jobs/a.ts', "import { b } from '../workers/b.ts';", 'jobs must not'],
    ['a worker that imports a job', 'workers/a.ts', "import { b } from '../jobs/b.ts';", 'workers must not'],
    [
      'an import of the web room from http',
      'src/http/a.ts',
      "import { b } from '../web/b.ts';",
      'http must not import',
    ],
    ['an import of main', 'src/operate/a.ts', "import { b } from '../main.ts';", 'operate must not import'],
    [
      'bullmq outside runtime',
      'src/http/a.ts',
      "import { Queue } from 'bullmq';",
      'only runtime may import bullmq',
    ],
    ['pg outside runtime', 'src/http/a.ts', "import pg from 'pg';", 'only runtime may import pg'],
    [
      'the ORM outside its rooms',
      'src/alerts/a.ts',
      "import { p } from '@mikro-orm/core';",
      'only runtime, migrations',
    ],
    ['fastify outside http', 'src/alerts/a.ts', "import { fastify } from 'fastify';", 'only http may import'],
    ['SQL in a decision', 'src/alerts/decide/a.ts', "import { sql } from 'kysely';", 'pure code must not'],
    [
      'file access in a decision',
      'src/notify/decide/a.ts',
      "import fs from 'node:fs';",
      'pure code must not import',
    ],
    [
      'a statement in a decision',
      'src/notify/decide/a.ts',
      "import { b } from '../sql/b.ts';",
      'pure code must',
    ],
    ['a statement in a message', 'src/notify/messages/a.ts', "import { b } from '../sql/b.ts';", 'pure code'],
    ['a clock in a value', 'src/values/a.ts', 'const a = Temporal.Now.instant();', 'pure code has no clock'],
    ['a date in a decision', 'src/ingest/decide/a.ts', 'const a = new Date();', 'pure code has no clock'],
    [
      'randomness in a decision',
      'src/alerts/decide/a.ts',
      'const a = Math.random();',
      'pure code has no clock',
    ],
    [
      'the environment in a value',
      'src/values/a.ts',
      "const a = process.env['A'];",
      'pure code has no clock',
    ],
    ['a second clock', 'src/http/a.ts', 'const a = Date.now();', 'only src/runtime/clock.ts'],
    [
      'a setting read outside the config',
      'src/http/a.ts',
      "const a = process.env['A'];",
      'settings are read',
    ],
    ['console', 'workers/a.ts', "console.log('a');", 'no console'],
    ['any', 'src/alerts/a.ts', 'const a: any = 1;', 'no any'],
    ['any as a type argument', 'src/alerts/a.ts', 'const a = new Map<string, any[]>();', 'no any'],
    ['code in a template', 'src/alerts/a.ts', 'const a = `${console.log(1)}`;', 'no console'],
    ['a default export', 'src/alerts/a.ts', 'export default 1;', 'no default export'],
    ['a renamed default export', 'src/alerts/a.ts', 'export { a as default };', 'no default export'],
    ['a long file', 'src/alerts/a.ts', 'const a = 1;\n'.repeat(301), '301 lines'],
    ['a name in camel case', 'src/alerts/readRule.ts', '', 'kebab-case'],
    ['a vague name', 'src/http/rule-helpers.ts', '', 'says nothing'],
    ['a vague folder', 'src/http/common/a.ts', '', 'says nothing'],
    ['a file outside every room', 'src/attic/a.ts', '', 'stands in no room'],
    ['an exception that is no longer needed', 'src/demo/main.ts', '', 'needs no exception any more'],
  ])('finds %s', (_name, file, text, message) => {
    expect(found({ [file]: text })).toEqual([expect.stringContaining(message)]);
  });

  test('finds cycles of any length, through types too, and a file that imports itself', () => {
    const tree = {
      'src/alerts/a.ts': "import { b } from './b.ts';",
      'src/alerts/b.ts': "import { c } from './c.ts';",
      'src/alerts/c.ts': "import type { a } from './a.ts';\nimport { d } from './d.ts';",
      'src/alerts/d.ts': '',
      'src/alerts/e.ts': "import { e } from './e.ts';",
    };
    expect(found(tree)).toEqual([
      'cycle: src/alerts/a.ts → src/alerts/b.ts → src/alerts/c.ts',
      'cycle: src/alerts/e.ts',
    ]);
  });

  test('finds a folder of more than 25 files, except the two that may be larger', () => {
    const folder = (name: string, files: number) =>
      Object.fromEntries(Array.from({ length: files }, (_, file) => [`${name}/f${file}.ts`, '']));
    expect(found(folder('src/alerts', 25))).toEqual([]);
    expect(found(folder('src/alerts', 26))).toEqual(['src/alerts: 26 files, more than 25']);
    expect(found(folder('src/http/schemas', 26))).toEqual([]);
  });

  test('finds nothing in a valid tree', () => {
    const tree = {
      'src/http/a.ts':
        "import { b } from '../alerts/b.ts';\n// import { Queue } from 'bullmq'; any console.log\n",
      'src/alerts/b.ts':
        "import { f } from './decide/f.ts';\nconst c = `select any(${d({ e: 'console.log' })}) new Date()`;\n",
      'src/alerts/c.ts': "const pattern = /['\"`]/;\nconst one = 'any';\nawait Promise.any([]);\n",
      'src/alerts/decide/f.ts':
        "import { a } from '../../values/a.ts';\nimport { createHash } from 'node:crypto';\n",
      'src/values/a.ts': "/** Temporal.Now is the clock's. */\nconst twin = \"import pg from 'pg'\";\n",
      'src/runtime/d.ts': "import pg from 'pg';\n",
      'workers/a.ts': "import type { Services } from '../src/services.ts';\n",
      'src/services.ts': "import { a } from './queue-contracts.ts';\n",
      'src/queue-contracts.ts': "import { b } from './alerts/b.ts';\n",
    };
    expect(found(tree)).toEqual([]);
  });
});

test('the source reader tells imports from text that looks like one', () => {
  const text = [
    "import a, { type B } from './a.ts';",
    "import type { C } from './c.ts';",
    "import type from './type.ts';",
    'const text = "import x from \'./x.ts\'";',
    'keys.require("./y.ts");',
    "const half = a / b; // import './z.ts'\nconst other = c / d;",
    "await import('./e.ts');",
    "import.meta.resolve('./f.ts');",
  ].join('\n');
  const imports = readSource(text).imports.map(({ specifier, isTypeOnly, line }) => [
    line,
    specifier,
    isTypeOnly,
  ]);
  expect(imports).toEqual([
    [1, './a.ts', false],
    [2, './c.ts', true],
    [3, './type.ts', false],
    [8, './e.ts', false],
  ]);
});
