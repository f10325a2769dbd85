/** A secret made once and kept in a file that only its owner can read. Processes that start together get the same. */
import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDataFolder } from './data-folder.ts';
import { hasCode } from '../error-code.ts';

export async function openSecret(file: string): Promise<string> {
  const existing = await readSecret(file);
  if (existing !== null) return existing;
  await makeSecret(file);
  const secret = await readSecret(file);
  if (secret === null) throw new Error(`${file} vanished while it was being made`);
  return secret;
}

async function readSecret(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Writes a draft and links it: the file appears with its whole content, and only the first writer's counts. */
async function makeSecret(file: string): Promise<void> {
  await makeDataFolder(dirname(file));
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
}
