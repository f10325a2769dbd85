/**
 * The rules that hold the house in order, as a function from files to what is wrong with them, so that a
 * test can try it on files of its own. docs/architecture.md says why the rules are as they are.
 */
import path from 'node:path';
import { readSource, type SourceText } from './source-text.ts';

/** Paths from the project's root, with forward slashes, and their content. */
export type Files = ReadonlyMap<string, string>;

/**
 * The order of the rooms, lowest first. A room imports itself and what stands above it in this list, type-only
 * imports included. Rooms of one line do not import each other.
 */
export const order = [
  ['values', 'migrations'],
  ['runtime'],
  ['accounts'],
  ['alerts'],
  ['ingest'],
  ['insight'],
  ['notify'],
  ['deliver'],
  ['settings'],
  ['privacy'],
  ['http', 'web'],
  ['services'],
  ['operate'],
  ['workers', 'jobs'],
  ['cli'],
  ['processes'],
  ['supervisor'],
  ['demo'],
  ['main'],
] as const;

type Room = (typeof order)[number][number];

/** Each room is the folder or the file of its name in `src`, or a folder at the top level. */
const topLevel: readonly Room[] = ['migrations', 'workers', 'jobs'];
/** Beside `services.ts`: what it is made of. */
const besides: Readonly<Record<string, Room>> = { 'src/queue-contracts.ts': 'services' };

/** Packages with one home; the name is a prefix. A package without a home may be imported anywhere but in pure code. */
const homes: readonly (readonly [string, readonly Room[]])[] = [
  ['bullmq', ['runtime']],
  ['ioredis', ['runtime']],
  ['pg', ['runtime']],
  ['@mikro-orm/', ['runtime', 'migrations']],
  ['bentocache', ['runtime']],
  ['prom-client', ['runtime']],
  ['pino', ['runtime']],
  ['rate-limiter-flexible', ['http']],
  ['fastify', ['http']],
  ['@fastify/', ['http']],
  ['@bull-board/', ['http']],
  ['@scalar/', ['http']],
  ['jose', ['http']],
  ['node-cron', ['operate']],
  ['nodemailer', ['deliver']],
  ['commander', ['cli', 'demo']],
  ['cli-progress', ['cli']],
];

/** Code that computes and holds no state: no input or output, no clock. It imports pure code alone. */
const pureCode = /^src\/(?:values\/|(?:\w+\/)+(?:decide|messages)\/|accounts\/merchants\/)/;
const purePackages = [
  'cron-parser',
  'currency-codes',
  'eta',
  'messageformat',
  'node:crypto',
  'node:path',
  'sms-segments-calculator',
];

/** Data rather than code; it has the version. */
const readableFiles: Partial<Record<Room, readonly string[]>> = { runtime: ['package.json'] };

/** Computed specifiers: nothing else can tell what they import. */
const computedImports = new Set([
  // The PostgreSQL of this platform is a package of its own.
  'src/runtime/database/embedded/binaries.ts',
]);

/** Folders that may hold more than 25 files: one for each table, each thing the API answers, each change of the tables. */
const largeFolders = new Set(['src/runtime/database/entities', 'src/http/schemas', 'migrations/0.5']);
const maxFilesInFolder = 25;

type Rule = {
  about: string;
  pattern: RegExp;
  appliesTo: RegExp;
  /** File to reason; one that no longer needs its exception is wrong too. */
  except?: Readonly<Record<string, string>>;
};

const service = /^(?:src|workers|jobs|migrations)\//;
const everywhere = /./;
const impure = new RegExp(`^(?!${pureCode.source.slice(1)})(?:src|workers|jobs|migrations)/`);

const codeRules: readonly Rule[] = [
  {
    about: 'pure code has no clock, no chance, no environment, no input or output',
    pattern:
      /\bTemporal\.Now\b|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\b(?:process|globalThis|crypto|performance)\.|\b(?:fetch|setTimeout|setInterval|queueMicrotask)\(/,
    appliesTo: pureCode,
  },
  {
    about: 'only src/runtime/clock.ts reads the machine’s clock',
    pattern: /\bTemporal\.Now\b|\bDate\.now\b|\bnew Date\(\s*\)/,
    appliesTo: impure,
    except: {
      'src/runtime/clock.ts': 'the clock',
      'src/demo/main.ts': 'which month the demo replays follows from the day it is run',
      'src/runtime/database/agree-on-clock.ts': 'measures how far the service’s clock is from the real one',
    },
  },
  {
    about: 'settings are read where a process starts',
    pattern: /\bprocess\.env\b/,
    appliesTo: new RegExp(
      `^(?!src/(?:main\\.ts|cli/|demo/)|${pureCode.source.slice(1)})(?:src|workers|jobs|migrations)/`,
    ),
    except: {
      'src/runtime/database/embedded/run-as.ts': 'passes the PATH on to PostgreSQL, and nothing else',
      'src/runtime/database/embedded/processes.ts': 'passes the PATH on to ps',
    },
  },
  { about: 'no console: there is the log', pattern: /\bconsole\s*\./, appliesTo: everywhere },
  { about: 'no any', pattern: /(?<![.\w$])any\b(?!\s*\()/, appliesTo: everywhere },
  {
    about: 'no default export',
    pattern: /\bexport\s+default\b|\bas\s+default\b/,
    appliesTo: /^(?!\w+\.config\.ts$)/,
  },
];

const maxLines = 300;
const vagueNames = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'manager',
  'base',
  'misc',
  'new',
]);
const fileName = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|config))?\.(?:ts|js)$/;
const folderName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** MikroORM's own way to name migrations, which orders them. */
const migrationName = /^migrations\/\d+\.\d+\/Migration\d{14}-[a-z-]+\.ts$/;

/** Every way in which the files break a rule, each as one line that names the file. */
export function violations(files: Files): string[] {
  const sources = new Map([...files].map(([file, text]) => [file, readSource(text)]));
  return [
    ...[...sources].flatMap(([file, source]) => importViolations(file, source)),
    ...codeRules.flatMap((rule) => ruleViolations(rule, sources)),
    ...[...files].flatMap(([file, text]) => shapeViolations(file, text)),
    ...folderViolations([...files.keys()]),
    ...cycles(sources).map((files) => `cycle: ${files.join(' → ')}`),
  ].sort();
}

function importViolations(file: string, { imports }: SourceText): string[] {
  const room = roomOf(file);
  if (!room) return service.test(file) ? [`${file}: stands in no room that the architecture knows`] : [];
  return imports.flatMap((each) => {
    const wrong = each.specifier === null ? computed(file) : refused(file, room, each.specifier);
    return wrong ? [`${file}:${each.line}: ${wrong}`] : [];
  });
}

const computed = (file: string): string | null =>
  computedImports.has(file) ? null : 'imports what only running it can tell';

function refused(file: string, room: Room, specifier: string): string | null {
  const target = targetOf(file, specifier);
  if (target === null) return refusedPackage(file, room, specifier);
  if (readableFiles[room]?.includes(target)) return null;
  const into = roomOf(target);
  if (into === undefined || !isBelow(into, room))
    return `${room} must not import ${target} (${into ?? 'no room'})`;
  return pureCode.test(file) && !pureCode.test(target) ? `pure code must not import ${target}` : null;
}

function refusedPackage(file: string, room: Room, specifier: string): string | null {
  if (pureCode.test(file))
    return purePackages.includes(specifier) ? null : `pure code must not import ${specifier}`;
  const home = homes.find(([name]) => isOf(specifier, name));
  return !home || home[1].includes(room) ? null : `only ${home[1].join(', ')} may import ${specifier}`;
}

const isOf = (specifier: string, name: string): boolean =>
  name.endsWith('/') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`);

const lineOf = (room: Room): number => order.findIndex((rooms) => (rooms as readonly Room[]).includes(room));

const isBelow = (one: Room, other: Room): boolean => one === other || lineOf(one) < lineOf(other);

function roomOf(file: string): Room | undefined {
  const beside = besides[file];
  if (beside) return beside;
  const [first = '', second = ''] = file.split('/');
  const name = first === 'src' ? second.replace(/\.ts$/, '') : first;
  return order.flat().find((room) => room === name && topLevel.includes(room) === (first !== 'src'));
}

/** The file that a relative specifier names; null for a package. */
const targetOf = (file: string, specifier: string): string | null =>
  specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : null;

/** Files that stand in one folder, without those of the folders in it. */
function folderViolations(files: readonly string[]): string[] {
  const folders = Map.groupBy(files, (file) => path.posix.dirname(file));
  return [...folders]
    .filter(([folder, { length }]) => length > maxFilesInFolder && !largeFolders.has(folder))
    .map(([folder, { length }]) => `${folder}: ${length} files, more than ${maxFilesInFolder}`);
}

function ruleViolations(rule: Rule, sources: ReadonlyMap<string, SourceText>): string[] {
  const { about, pattern, appliesTo, except = {} } = rule;
  return [...sources].flatMap(([file, { code }]) => {
    if (!appliesTo.test(file)) return [];
    const found = pattern.exec(code);
    if (file in except) return found ? [] : [`${file}: needs no exception any more (${about})`];
    return found ? [`${file}:${code.slice(0, found.index).split('\n').length}: ${about}`] : [];
  });
}

function shapeViolations(file: string, text: string): string[] {
  const found: string[] = [];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > maxLines) found.push(`${file}: ${lines} lines, more than ${maxLines}`);
  const segments = file.split('/');
  const isNamedWell = segments.every((segment, index) =>
    (index === segments.length - 1 ? fileName : folderName).test(segment),
  );
  if (!isNamedWell && !migrationName.test(file)) found.push(`${file}: is not named in kebab-case`);
  const vague = file.split(/[/.-]/).find((word) => vagueNames.has(word));
  if (vague) found.push(`${file}: "${vague}" says nothing about what it holds`);
  return found;
}

/** Files that import each other in a circle, type-only imports included: strongly connected components (Tarjan). */
function cycles(sources: ReadonlyMap<string, SourceText>): string[][] {
  const order = new Map<string, { index: number; low: number }>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const own = { index: order.size, low: order.size };
    order.set(file, own);
    stack.push(file);
    for (const next of targetsOf(file, sources)) {
      const seen = order.get(next);
      if (!seen) own.low = Math.min(own.low, visit(next));
      else if (stack.includes(next)) own.low = Math.min(own.low, seen.index);
    }
    if (own.low === own.index) keep(stack.splice(stack.indexOf(file)));
    return own.low;
  };
  const keep = (component: string[]): void => {
    const [only = ''] = component;
    if (component.length > 1 || targetsOf(only, sources).includes(only)) found.push(component);
  };
  for (const file of sources.keys()) if (!order.has(file)) visit(file);
  return found;
}

function targetsOf(file: string, sources: ReadonlyMap<string, SourceText>): string[] {
  const imports = sources.get(file)?.imports ?? [];
  return imports
    .map(({ specifier }) => (specifier === null ? null : targetOf(file, specifier)))
    .filter((target) => target !== null && sources.has(target))
    .map(String);
}
