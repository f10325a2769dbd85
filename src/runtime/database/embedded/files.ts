// Reads and writes the embedded server's files.
import { randomBytes } from 'node:crypto';
import { access, readFile, rename, writeFile } from 'node:fs/promises';
import { hasCode } from '../../error-code.ts';

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes atomically: a crash leaves the old content or the new. Only the owner may read the file. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const part = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(part, content, { mode: 0o600, flush: true });
  await rename(part, file);
}

export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
