/** Reads what documents in Markdown promise: commands, routes, files and names, as they are written there. */
import { globSync } from 'node:fs';

/** The project's documents, by their paths from its root. */
export const listDocuments = (root: string): string[] =>
  globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();

export type Route = { /** Null where the text names none. */ method: string | null; path: string };

export type Named = {
  npmScripts: string[];
  /** Words after `npx spendwatch`, up to the first argument. */
  commands: string[];
  /** Of those commands, as `<command> --<option>`. */
  options: string[];
  routes: Route[];
  files: string[];
  /** Settings: what stands in backticks in capitals. */
  settings: string[];
  /** Identifiers in backticks, of whatever case, with a hyphen, underscore or hump in them. */
  names: string[];
};

const unique = (found: readonly string[]): string[] => [...new Set(found)].sort();

const all = (text: string, pattern: RegExp): string[] =>
  unique([...text.matchAll(pattern)].map(({ groups }) => groups?.['it'] ?? ''));

const inBackticks = /(?<!`)`(?<it>[^`\n]+)`(?!`)/g;
const method = /\b(?<method>GET|POST|PUT|DELETE|PATCH)\s+(?<path>\/[^\s`|)'"?]*)/g;
const url =
  /(?:https?:\/\/127\.0\.0\.1:\d+|(?<=[`\s(]))(?<it>\/(?:api|admin|docs|openapi|health|metrics)[^\s`|)'",?]*)/g;
const command = /\bnpx spendwatch (?<words>[a-z]+(?: [a-z]+(?:-[a-z]+)*(?=[\s`]))*)(?<rest>[^\n`|#]*)/g;
const file =
  /(?<![\w/.-])(?<it>(?:src|workers|jobs|migrations|test|docs|examples)\/[\w./*<>-]*[\w*>]|(?:Procfile|\.env\.example|[A-Z]{4,}\.md|[\w-]+\.(?:json|config\.ts)))(?![\w/])/g;

export function readDocument(text: string): Named {
  const spans = all(text, inBackticks);
  const commands = [...text.matchAll(command)].map(({ groups }) => ({
    words: groups?.['words'] ?? '',
    options: [...(groups?.['rest'] ?? '').matchAll(/--[a-z-]+/g)].map(String),
  }));
  return {
    npmScripts: all(text, /\bnpm (?:run )?(?<it>(?!run\b|ci\b|install\b|exec\b)[a-z][a-z:-]*)\b/g),
    commands: unique(commands.map(({ words }) => words)),
    options: unique(commands.flatMap(({ words, options }) => options.map((option) => `${words} ${option}`))),
    routes: readRoutes(text),
    files: all(text, file),
    settings: spans.filter(
      (span) => /^[A-Z]+(?:_[A-Z]+)*$/.test(span) && !/^(?:GET|POST|PUT|DELETE)$/.test(span),
    ),
    names: spans.filter((span) => /^[a-z][a-z\d]*(?:[-_][a-z\d]+|[A-Z][a-z\d]*)+$/.test(span)),
  };
}

function readRoutes(text: string): Route[] {
  const found = new Map<string, Route>();
  for (const { groups } of text.matchAll(method)) {
    const route = { method: groups?.['method'] ?? null, path: groups?.['path'] ?? '' };
    found.set(`${route.method} ${route.path}`, route);
  }
  const withMethod = new Set([...found.values()].map(({ path }) => path));
  for (const path of all(text, url)) if (!withMethod.has(path)) found.set(path, { method: null, path });
  return [...found.values()];
}

/** A link's target from the folder of its document, and the heading it names there; both may be empty. */
export type Link = { target: string; anchor: string };

/** Links to other sites are left out. */
export const readLinks = (text: string): Link[] =>
  [...text.matchAll(/\]\((?<target>[^)#\s]*)(?:#(?<anchor>[^)\s]*))?\)/g)]
    .map(({ groups }) => ({ target: groups?.['target'] ?? '', anchor: groups?.['anchor'] ?? '' }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));

/** The names under which a page's headings are linked to, as GitHub makes them. */
export const readAnchors = (text: string): string[] =>
  all(text, /^#+ (?<it>.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

/** The commands that a page shows, block by block. */
export const readShellBlocks = (text: string): string[] =>
  [...text.matchAll(/^```sh\n(?<block>.*?)^```$/gms)].map(({ groups }) => groups?.['block'] ?? '');

/** The body rows of the first table under a heading, cell by cell. */
export function readTable(text: string, heading: string): string[][] {
  const from = text.split('\n').findIndex((line) => /^#+ /.test(line) && line.endsWith(` ${heading}`));
  if (from === -1) return [];
  const rest = text.split('\n').slice(from + 1);
  const end = rest.findIndex((line) => line.startsWith('#'));
  return rest
    .slice(0, end === -1 ? undefined : end)
    .filter((line) => line.startsWith('|') && !/^\|[-|: ]+\|$/.test(line))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
