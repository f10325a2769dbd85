/** Holds the directions of imports, the purity of the domain, and where things stand and how they are named. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { schedules } from '../../jobs/index.ts';
import type { Contract } from '../../src/contracts/contract.ts';
import { contracts } from '../../src/contracts/index.ts';
import { violations } from '../support/architecture.ts';
import { readSource } from '../support/source-text.ts';

const root = path.resolve(import.meta.dirname, '../..');
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

describe('the project', () => {
  test('breaks no rule', () => {
    expect(files.size).toBeGreaterThan(100);
    expect(violations(files)).toEqual([]);
  });

  test('holds in src what the architecture names, and no more', () => {
    const known =
      'cache channel-settings.ts cli clock.ts closed-output.ts config.ts contracts dashboard data-folder.ts db delivery domain failure.ts http log.ts main.ts metrics.ts migrate.ts processes.ts queue redis.ts scheduler.ts services.ts setting.ts';
    expect(readdirSync(path.join(root, 'src')).filter((name) => !known.split(' ').includes(name))).toEqual(
      [],
    );
  });

  test('keeps its tests by kind', () => {
    const known = ['bench', 'contract', 'e2e', 'integration', 'support', 'unit'];
    expect(readdirSync(path.join(root, 'test')).filter((name) => !known.includes(name))).toEqual([]);
    const astray = listFiles('test', /\.test\.ts$/).filter(
      (file) => !/^test\/(?:unit|contract|integration|e2e)\/[^/]+$/.test(file),
    );
    expect(astray).toEqual([]);
  });
});

const verbs = new Set(
  (
    'agree announce begin change claim close compare compute count create decide delete end evaluate expire find finish hold insert list lock make mark ' +
    'measure merge open plan put read rebuild record register release remove reschedule resend revoke rotate send ' +
    'settle store wake write'
  ).split(' '),
);

describe('one name per thing', () => {
  test('every contract has its worker, in a file of that name, under that name', () => {
    const names = Object.values<Contract>(contracts).map(({ worker }) => worker);
    expect(namesIn('workers').filter((name) => name !== 'index')).toEqual([...new Set(names)].sort());
    expect(names.filter((name) => !isExported(`workers/${name}.ts`, name))).toEqual([]);
  });

  test('every contract stands under the name of its queue', () => {
    for (const [key, { name }] of Object.entries<Contract>(contracts)) expect(camelCase(name)).toBe(key);
  });

  test('every scheduled job stands in a file of its name, under that name', () => {
    const names = schedules.map(({ name }) => name);
    const about = ['for-each-tenant', 'index', 'scheduled-job', 'tell-people'];
    expect(namesIn('jobs').filter((name) => !about.includes(name))).toEqual([...names].sort());
    expect(names.filter((name) => !isExported(`jobs/${name}.ts`, name))).toEqual([]);
  });

  test('every query is a verb and a noun, and exports a function of that verb', () => {
    const wrong = listFiles('src/db/queries', /\.ts$/).filter((file) => {
      const [verb = '', noun] = path.basename(file, '.ts').split('-');
      const exported = new RegExp(`export (?:async )?(?:function|const) ${verb}[A-Z]`);
      return noun === undefined || !verbs.has(verb) || !exported.test(read(file));
    });
    expect(wrong).toEqual([]);
  });

  test('what the package runs exists', () => {
    // The project's own file; its shape is npm's.
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(Object.values(bin).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });
});

/** Each breaks one rule: a checker that passes over it would pass over the real thing. */
describe('the checker finds', () => {
  const found = (tree: Record<string, string>): string[] => violations(new Map(Object.entries(tree)));

  test.each([
    ['a way back', 'src/domain/a.ts', "import { b } from '../db/b.ts';", 'domain must not import'],
    ['a way back over lines', 'src/domain/a.ts', "import {\n  b,\n  c,\n} from '../db/b.ts';", 'must not'],
    ['a type from above', 'src/db/a.ts', "import type { B } from '../http/b.ts';", 'db must not import'],
    ['a re-export', 'src/db/a.ts', "export * from '../http/b.ts';", 'db must not import'],
    ['a re-exported name', 'src/db/a.ts', "export { b as c } from '../http/b.ts';", 'db must not import'],
    ['a re-exported type', 'src/db/a.ts', "export type { B } from '../http/b.ts';", 'db must not import'],
    ['an import for its effect', 'src/queue/a.ts', "import '../db/b.ts';", 'queue must not import'],
    ['a dynamic import', 'src/db/a.ts', "const b = await import('../http/b.ts');", 'db must not import'],
    ['a type in passing', 'src/db/a.ts', "type B = import('../http/b.ts').B;", 'db must not import'],
    ['a computed import', 'src/db/a.ts', 'const b = await import(name);', 'only running it can tell'],
    ['a handler with hands', 'workers/a.ts', "import { b } from '../src/db/b.ts';", 'handlers must not'],
    ['a handler with packages', 'jobs/a.ts', "import pg from 'pg';", 'handlers is pure'],
    ['a value of consume', 'workers/a.ts', "import { consume } from '../src/queue/consume.ts';", 'must not'],
    ['bullmq elsewhere', 'src/http/a.ts', "import { Queue } from 'bullmq';", 'only queue may import bullmq'],
    ['pg elsewhere', 'src/http/a.ts', "import pg from 'pg';", 'only db, queue may import pg'],
    ['an ORM elsewhere', 'src/queue/a.ts', "import { p } from '@mikro-orm/core';", 'only db, migrations'],
    ['kysely elsewhere', 'src/cli/a.ts', "import { sql } from 'kysely';", 'only db may import kysely'],
    ['input in the domain', 'src/domain/a.ts', "import fs from 'node:fs';", 'domain is pure'],
    ['a clock in the domain', 'src/domain/a.ts', 'const a = Temporal.Now.instant();', 'domain is pure'],
    ['a date in the domain', 'src/domain/a.ts', 'const a = new Date();', 'domain is pure'],
    ['chance in the domain', 'src/domain/a.ts', 'const a = Math.random();', 'domain is pure'],
    ['the environment', 'src/domain/a.ts', "const a = process.env['A'];", 'domain is pure'],
    ['a second clock', 'src/http/a.ts', 'const a = Date.now();', 'only src/clock.ts'],
    ['a setting read late', 'src/http/a.ts', "const a = process.env['A'];", 'settings are read'],
    ['console', 'workers/a.ts', "console.log('a');", 'no console'],
    ['any', 'src/db/a.ts', 'const a: any = 1;', 'no any'],
    ['any in brackets', 'src/db/a.ts', 'const a = new Map<string, any[]>();', 'no any'],
    ['code in a template', 'src/db/a.ts', 'const a = `${console.log(1)}`;', 'no console'],
    ['a default export', 'src/db/a.ts', 'export default 1;', 'no default export'],
    ['a default in disguise', 'src/db/a.ts', 'export { a as default };', 'no default export'],
    ['a long file', 'src/db/a.ts', 'const a = 1;\n'.repeat(301), '301 lines'],
    ['a name in camel case', 'src/db/readRule.ts', '', 'kebab-case'],
    ['a vague name', 'src/http/rule-helpers.ts', '', 'says nothing'],
    ['a vague folder', 'src/http/common/a.ts', '', 'says nothing'],
    ['a stranger', 'src/attic/a.ts', '', 'stands in no room'],
    ['an exception outlived', 'src/http/tokens.ts', '', 'needs no exception any more'],
  ])('%s', (_what, file, text, message) => {
    expect(found({ [file]: text })).toEqual([expect.stringContaining(message)]);
  });

  test('circles, however long, and an import of itself', () => {
    const tree = {
      'src/db/a.ts': "import { b } from './b.ts';",
      'src/db/b.ts': "import { c } from './c.ts';",
      'src/db/c.ts': "import { a } from './a.ts';\nimport { d } from './d.ts';",
      'src/db/d.ts': '',
      'src/db/e.ts': "import { e } from './e.ts';",
    };
    expect(found(tree)).toEqual(['cycle: src/db/a.ts → src/db/b.ts → src/db/c.ts', 'cycle: src/db/e.ts']);
  });

  test('nothing where nothing is wrong', () => {
    const tree = {
      'src/http/a.ts':
        "import { b } from '../db/b.ts';\n// import { Queue } from 'bullmq'; any console.log\n",
      'src/db/b.ts': "import pg from 'pg';\nconst c = `select any(${d({ e: 'console.log' })}) new Date()`;\n",
      'src/db/c.ts': "const pattern = /['\"`]/;\nconst one = 'any';\nawait Promise.any([]);\n",
      'src/domain/a.ts': "/** Temporal.Now is the clock's. */\nconst twin = \"import pg from 'pg'\";\n",
      'workers/a.ts': "import type { Handler } from '../src/queue/consume.ts';\n",
      'jobs/index.ts': "import { f } from '../src/db/f.ts';\nimport { g } from '../workers/g.ts';\n",
    };
    expect(found(tree)).toEqual([]);
  });
});

test('the reader tells imports from what only looks like one', () => {
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
