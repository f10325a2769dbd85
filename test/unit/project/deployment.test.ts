/** Checks that the image and compose.yaml name existing things, and everything that a process needs. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { settings } from '../../../src/runtime/config/config.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const linesOf = (file: string, pattern: RegExp): string[] =>
  [...read(file).matchAll(pattern)].map(({ groups }) => groups?.['it'] ?? '');

/** The program and its arguments for each process, such as `src/main.ts web`. */
const procfile = linesOf('Procfile', /\bnode (?<it>.+)$/gm);

describe('compose.yaml', () => {
  const text = read('compose.yaml');

  test('runs each process of the Procfile and no other program of the project', () => {
    const commands = linesOf('compose.yaml', /command: \[node, (?<it>[^\]]+)\]/g);
    expect(commands.map((command) => command.replaceAll(',', '')).sort()).toEqual(procfile.toSorted());
  });

  test('and the image and `npm start` limit memory as the Procfile does', () => {
    const flagsOf = (command: string) => command.match(/--\S+/g) ?? [];
    const expected = flagsOf(procfile.find((command) => command.endsWith('src/main.ts web')) ?? '');
    expect(expected).not.toEqual([]);
    const [image = ''] = linesOf('Dockerfile', /^CMD \["node", (?<it>.+)\]$/gm);
    const [start = ''] = linesOf('package.json', /"start": "exec node (?<it>.+)"/g);
    expect(flagsOf(image.replaceAll(/[",]/g, ''))).toEqual(expected);
    expect(flagsOf(start)).toEqual(expected);
  });

  test('sets only settings that exist', () => {
    const [, block = ''] = /environment: &settings\n((?: {4}.*\n)+)/.exec(text) ?? [];
    const names = [...block.matchAll(/^ {4}(?<it>[A-Z_]+):/gm)].map(({ groups }) => groups?.['it']);
    expect(names).toContain('DATABASE_URL');
    expect(
      [...names, 'MIGRATION_DATABASE_URL'].filter((name) => !(name && name in settings.properties)),
    ).toEqual([]);
  });

  test('contains no secret and refuses to start without one', () => {
    const secrets = ['OWNER_PASSWORD', 'SERVICE_PASSWORD', 'REDIS_PASSWORD', 'JWT_SECRET'];
    const uses = [...text.matchAll(/\$\{(?<name>[A-Z_]+)(?<how>[^}]*)\}/g)].map(({ groups }) => groups);
    expect(secrets.filter((name) => !uses.some((use) => use?.['name'] === name))).toEqual([]);
    const lax = uses.filter(
      (use) => secrets.includes(use?.['name'] ?? '') && !use?.['how']?.startsWith(':?'),
    );
    expect(lax).toEqual([]);
  });
});

describe('the container image', () => {
  const copied = linesOf('Dockerfile', /^COPY (?!--from)(?<it>.+) \S+$/gm).flatMap((names) =>
    names.split(' '),
  );

  test('holds the folders that its processes import, and names none that is missing', () => {
    expect(copied.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
    const folders = ['jobs', 'migrations', 'src', 'workers'];
    expect(folders.filter((folder) => !copied.includes(folder))).toEqual([]);
  });

  test('gets only those files as its build context', () => {
    const [first, ...kept] = read('.dockerignore').trim().split('\n');
    expect(first).toBe('*');
    expect(kept.map((line) => line.replace('!', '')).sort()).toEqual([...new Set(copied)].sort());
  });

  test('does not run as root', () => {
    expect(linesOf('Dockerfile', /^USER (?<it>\S+)$/gm)).toEqual(['node']);
  });
});
