/**
 * The rules that hold the house in order, as a function from files to what is wrong with them, so that a
 * test can try it on files of its own. ARCHITECTURE.md says why the rules are as they are.
 */
import path from 'node:path';
import { type Import, readSource, type SourceText } from './source-text.ts';

/** Paths from the project's root, with forward slashes, and their content. */
export type Files = ReadonlyMap<string, string>;

type Room = keyof typeof allowed;

/** What each room may import, itself included. A type-only import follows the same table. */
const foundations = ['domain', 'contracts', 'foundations'] as const;
const stores = [...foundations, 'db', 'queue', 'delivery'] as const;
const services = [...stores, 'cache', 'http', 'composition'] as const;
const tables = [...services, 'handlers', 'tables'] as const;
const allowed = {
  domain: ['domain'],
  contracts: ['contracts', 'domain'],
  foundations,
  migrations: ['migrations'],
  db: [...foundations, 'db', 'migrations'],
  queue: [...foundations, 'queue'],
  delivery: [...foundations, 'delivery'],
  cache: ['foundations', 'cache'],
  http: [...stores, 'cache', 'http'],
  handlers: ['domain', 'contracts', 'handlers'],
  composition: services,
  tables,
  scheduler: [...stores, 'scheduler'],
  processes: [...tables, 'scheduler', 'processes'],
  main: [...tables, 'scheduler', 'processes', 'main'],
  cli: [...tables, 'scheduler', 'processes', 'cli'],
} as const;

const rooms: readonly (readonly [RegExp, Room])[] = [
  [/^src\/domain\//, 'domain'],
  [/^src\/contracts\//, 'contracts'],
  [
    /^src\/(?:config|channel-settings|setting|data-folder|closed-output|failure|log|clock|metrics|redis)\.ts$/,
    'foundations',
  ],
  [/^src\/db\//, 'db'],
  [/^src\/queue\//, 'queue'],
  [/^src\/delivery\//, 'delivery'],
  [/^src\/cache\//, 'cache'],
  [/^src\/http\//, 'http'],
  [/^src\/(?:services|migrate)\.ts$/, 'composition'],
  [/^src\/scheduler\.ts$/, 'scheduler'],
  [/^src\/processes\.ts$/, 'processes'],
  [/^src\/main\.ts$/, 'main'],
  [/^src\/cli\//, 'cli'],
  [/^(?:workers|jobs)\/index\.ts$/, 'tables'],
  [/^(?:workers|jobs)\/[^/]+\.ts$/, 'handlers'],
  [/^migrations\//, 'migrations'],
];

/** Packages with one home; the name is a prefix. Whoever is not named here may be imported anywhere but in domain. */
const homes: readonly (readonly [string, readonly Room[]])[] = [
  ['bullmq', ['queue']],
  ['ioredis', ['foundations']],
  ['pg', ['db', 'queue']],
  ['kysely', ['db']],
  ['@mikro-orm/', ['db', 'migrations']],
  ['bentocache', ['cache']],
  ['rate-limiter-flexible', ['http']],
  ['fastify', ['http']],
  ['@fastify/', ['http']],
  ['@bull-board/', ['http']],
  ['@scalar/', ['http']],
  ['jose', ['http']],
  ['prom-client', ['foundations']],
  ['pino', ['foundations']],
  ['node-cron', ['scheduler']],
  ['commander', ['cli']],
  ['cli-progress', ['cli']],
];

/** What the pure rooms may take from outside: they compute, and hold no state. */
const purePackages: Partial<Record<Room, readonly string[]>> = {
  domain: ['cron-parser', 'currency-codes'],
  contracts: ['typebox'],
  handlers: [],
};

/** What handlers may know of other rooms, as a type. */
const handlersMayName = ['src/queue/consume.ts', 'typebox'];

/** Data rather than code; http tells its version to callers. */
const readableFiles: Partial<Record<Room, readonly string[]>> = { http: ['package.json'] };

/** Computed specifiers: nothing else can tell what they import. */
const computedImports = new Set([
  // The PostgreSQL of this platform is a package of its own.
  'src/db/embedded/binaries.ts',
]);

type Rule = {
  about: string;
  pattern: RegExp;
  appliesTo: RegExp;
  /** File to reason; one that no longer needs its exception is wrong too. */
  except?: Readonly<Record<string, string>>;
};

const service = /^(?:src|workers|jobs|migrations)\//;
const everywhere = /./;

const codeRules: readonly Rule[] = [
  {
    about: 'domain is pure: no clock, no chance, no environment, no input or output',
    pattern:
      /\bTemporal\.Now\b|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\b(?:process|globalThis|crypto|performance)\.|\b(?:fetch|setTimeout|setInterval|queueMicrotask)\(/,
    appliesTo: /^src\/domain\//,
  },
  {
    about: 'only src/clock.ts reads the machine’s clock',
    pattern: /\bTemporal\.Now\b|\bDate\.now\b|\bnew Date\(\s*\)/,
    appliesTo: /^(?!src\/domain\/)(?:src|workers|jobs|migrations)\//,
    except: {
      'src/clock.ts': 'the clock',
      'src/http/tokens.ts': 'tokens are judged by the real time, whatever the service believes',
      'src/cli/demo/main.ts': 'which month the demo replays follows from the day it is run',
      'src/db/queries/agree-on-clock.ts': 'measures how far the service’s clock is from the real one',
    },
  },
  {
    about: 'settings are read where a process starts',
    pattern: /\bprocess\.env\b/,
    appliesTo: /^(?!src\/(?:main\.ts|cli\/|domain\/))(?:src|workers|jobs|migrations)\//,
    except: {
      'src/db/embedded/run-as.ts': 'passes the PATH on to PostgreSQL, and nothing else',
      'src/db/embedded/processes.ts': 'passes the PATH on to ps',
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
const migrationName = /^migrations\/Migration\d{14}-[a-z-]+\.ts$/;

/** Every way in which the files break a rule, each as one line that names the file. */
export function violations(files: Files): string[] {
  const sources = new Map([...files].map(([file, text]) => [file, readSource(text)]));
  return [
    ...[...sources].flatMap(([file, source]) => importViolations(file, source)),
    ...codeRules.flatMap((rule) => ruleViolations(rule, sources)),
    ...[...files].flatMap(([file, text]) => shapeViolations(file, text)),
    ...cycles(sources).map((files) => `cycle: ${files.join(' → ')}`),
  ].sort();
}

function importViolations(file: string, { imports }: SourceText): string[] {
  const room = roomOf(file);
  if (!room) return service.test(file) ? [`${file}: stands in no room that the architecture knows`] : [];
  return imports.flatMap((each) => {
    const wrong = each.specifier === null ? computed(file) : refused(file, room, each, each.specifier);
    return wrong ? [`${file}:${each.line}: ${wrong}`] : [];
  });
}

const computed = (file: string): string | null =>
  computedImports.has(file) ? null : 'imports what only running it can tell';

function refused(file: string, room: Room, { isTypeOnly }: Import, specifier: string): string | null {
  const target = targetOf(file, specifier);
  if (room === 'handlers' && isTypeOnly && handlersMayName.includes(target ?? specifier)) return null;
  if (target === null) return refusedPackage(room, specifier);
  if (readableFiles[room]?.includes(target)) return null;
  const into = roomOf(target);
  const isAllowed = into !== undefined && (allowed[room] as readonly Room[]).includes(into);
  return isAllowed ? null : `${room} must not import ${target} (${into ?? 'no room'})`;
}

function refusedPackage(room: Room, specifier: string): string | null {
  const pure = purePackages[room];
  if (pure) return pure.includes(specifier) ? null : `${room} is pure and must not import ${specifier}`;
  const home = homes.find(([name]) => isOf(specifier, name));
  return !home || home[1].includes(room) ? null : `only ${home[1].join(', ')} may import ${specifier}`;
}

const isOf = (specifier: string, name: string): boolean =>
  name.endsWith('/') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`);

const roomOf = (file: string): Room | undefined => rooms.find(([pattern]) => pattern.test(file))?.[1];

/** The file that a relative specifier names; null for a package. */
const targetOf = (file: string, specifier: string): string | null =>
  specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : null;

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

/** Files that import each other in a circle, type-only imports aside: strongly connected components (Tarjan). */
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
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ specifier }) => (specifier === null ? null : targetOf(file, specifier)))
    .filter((target) => target !== null && sources.has(target))
    .map(String);
}
