/** What the image and compose.yaml name exists, and nothing a process needs is left out of them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { settings } from '../../../src/runtime/config/config.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const linesOf = (file: string, pattern: RegExp): string[] =>
  [...read(file).matchAll(pattern)].map(({ groups }) => groups?.['it'] ?? '');

/** The program and its arguments, by process: `src/main.ts web`. */
const procfile = linesOf('Procfile', /\bnode (?<it>.+)$/gm);

describe('compose.yaml', () => {
  const text = read('compose.yaml');

  test('runs each process of the Procfile, and no other program of ours', () => {
    const commands = linesOf('compose.yaml', /command: \[node, (?<it>[^\]]+)\]/g);
    expect(commands.map((command) => command.replaceAll(',', '')).sort()).toEqual(procfile.toSorted());
  });

  test('sets what settings there are', () => {
    const [, block = ''] = /environment: &settings\n((?: {4}.*\n)+)/.exec(text) ?? [];
    const names = [...block.matchAll(/^ {4}(?<it>[A-Z_]+):/gm)].map(({ groups }) => groups?.['it']);
    expect(names).toContain('DATABASE_URL');
    expect(
      [...names, 'MIGRATION_DATABASE_URL'].filter((name) => !(name && name in settings.properties)),
    ).toEqual([]);
  });

  test('has no secret of its own: one that is not given stops it', () => {
    const secrets = ['OWNER_PASSWORD', 'SERVICE_PASSWORD', 'REDIS_PASSWORD', 'JWT_SECRET'];
    const uses = [...text.matchAll(/\$\{(?<name>[A-Z_]+)(?<how>[^}]*)\}/g)].map(({ groups }) => groups);
    expect(secrets.filter((name) => !uses.some((use) => use?.['name'] === name))).toEqual([]);
    const lax = uses.filter(
      (use) => secrets.includes(use?.['name'] ?? '') && !use?.['how']?.startsWith(':?'),
    );
    expect(lax).toEqual([]);
  });
});

describe('the image', () => {
  const copied = linesOf('Dockerfile', /^COPY (?!--from)(?<it>.+) \S+$/gm).flatMap((names) =>
    names.split(' '),
  );

  test('holds what its processes import, of what is there', () => {
    expect(copied.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
    const folders = ['jobs', 'migrations', 'src', 'workers'];
    expect(folders.filter((folder) => !copied.includes(folder))).toEqual([]);
  });

  test('is given no more than that', () => {
    const [first, ...kept] = read('.dockerignore').trim().split('\n');
    expect(first).toBe('*');
    expect(kept.map((line) => line.replace('!', '')).sort()).toEqual([...new Set(copied)].sort());
  });

  test('does not run as root', () => {
    expect(linesOf('Dockerfile', /^USER (?<it>\S+)$/gm)).toEqual(['node']);
  });
});
