/**
 * Reads TypeScript as text, as far as the rules about it need: what it imports, and its code without
 * comments and without what stands in quotes. It knows the language's lexical grammar, not its syntax.
 */
type Import = {
  /** As written; null where it is computed. */
  specifier: string | null;
  /** `import type` and `export type … from`, which are gone when the file runs. */
  isTypeOnly: boolean;
  line: number;
};

/** `code`: comments and what stands in quotes blanked, so offsets and lines stay those of the file. */
export type SourceText = { imports: Import[]; code: string };

export function readSource(text: string): SourceText {
  const { code, withStrings } = blank(text);
  return { imports: readImports(withStrings, code), code };
}

const tokens = {
  comment: /\/\/[^\n]*|\/\*[\s\S]*?\*\//y,
  quoted: /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y,
  /** From the backtick, or from the brace that ends a placeholder, to the next placeholder or the end. */
  template: /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y,
  pattern: /\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
} as const;

/** A slash after one of these begins a regular expression; after a name, a number or a bracket it divides. */
const beforePattern = /(?:^|[=(,:;[!&|?{}+\-*%<>~^]|\b(?:return|typeof|case|of|in|await|yield))\s*$/;

function blank(text: string): { code: string; withStrings: string } {
  const code = text.split('');
  const withStrings = [...code];
  /** Braces open inside each template placeholder that is open. */
  const placeholders: number[] = [];
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at, code, placeholders);
    if (token?.kind === 'comment') fill(withStrings, at, token.text);
    if (token) fill(code, at, token.text);
    at += token?.text.length ?? 1;
  }
  return { code: code.join(''), withStrings: withStrings.join('') };
}

type Token = { kind: keyof typeof tokens; text: string };

function tokenAt(text: string, at: number, code: readonly string[], placeholders: number[]): Token | null {
  const first = text.charAt(at);
  if (first === '/') {
    const comment = match('comment', text, at);
    if (comment) return comment;
    const before = code.slice(Math.max(0, at - 40), at).join('');
    return beforePattern.test(before) ? match('pattern', text, at) : null;
  }
  if (first === "'" || first === '"') return match('quoted', text, at);
  if (first === '`' || (first === '}' && placeholders.at(-1) === 0))
    return template(text, at, first, placeholders);
  countBrace(first, placeholders);
  return null;
}

function template(text: string, at: number, first: string, placeholders: number[]): Token | null {
  const found = match('template', text, at);
  if (first === '}') placeholders.pop();
  if (found?.text.endsWith('${')) placeholders.push(0);
  return found;
}

function countBrace(character: string, placeholders: number[]): void {
  const depth = placeholders.at(-1);
  if (depth === undefined) return;
  if (character === '{') placeholders[placeholders.length - 1] = depth + 1;
  if (character === '}') placeholders[placeholders.length - 1] = depth - 1;
}

function match(kind: keyof typeof tokens, text: string, at: number): Token | null {
  const pattern = tokens[kind];
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  return found === undefined ? null : { kind, text: found };
}

function fill(characters: string[], at: number, token: string): void {
  for (let offset = 0; offset < token.length; offset += 1)
    if (token[offset] !== '\n') characters[at + offset] = ' ';
}

const statements =
  /\b(?:import|export)\s+(?<type>type\s+(?!from\b))?[\w$*{},\s]+?\bfrom\s*(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/g;
const sideEffects = /\bimport\s*(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/g;
const calls = /\bimport\s*\(\s*(?:(?<quote>['"`])(?<specifier>[^'"`\n$]+)\k<quote>\s*[,)])?/g;
const requires = /\brequire\s*\(\s*(?<quote>['"`])(?<specifier>[^'"`\n$]+)\k<quote>\s*\)/g;

/** `code` tells which matches are code: what stands in quotes is blank there. */
function readImports(text: string, code: string): Import[] {
  return [statements, sideEffects, calls, requires]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .filter(({ index }) => code[index] !== ' ' && code[index - 1] !== '.')
    .sort((a, b) => a.index - b.index)
    .map(({ index, groups }) => ({
      specifier: groups?.['specifier'] ?? null,
      isTypeOnly: groups?.['type'] !== undefined,
      line: text.slice(0, index).split('\n').length,
    }));
}
