/** Writes the unusable rows of a statement unchanged, with their line and the reason. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { StatementError } from './columns.ts';

export type RejectedRow = { record: readonly string[]; line: number; reason: string };

/** `F.csv` and `F.csv.gz` → `F.rejected.csv`. */
export const rejectedName = (file: string): string => `${file.replace(/\.csv(\.gz)?$/i, '')}.rejected.csv`;

const writtenFromCharacters = 64 * 1024;

export class RejectedFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  /** Text that is not written yet. */
  #text = '';
  #rows = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Creates or empties the file. Throws `StatementError` if it cannot be written. */
  static async open(path: string, header: readonly string[]): Promise<RejectedFile> {
    const handle = await open(path, 'w').catch((cause: unknown) => {
      throw unwritable(path, 'put the file into a folder of yours', cause);
    });
    const file = new RejectedFile(path, handle);
    file.#text = `${csvLine([...header, 'line', 'reason'])}\n`;
    return file;
  }

  /** Resolves when the next row may be added. Throws `StatementError` if the file cannot be written. */
  async add({ record, line, reason }: RejectedRow): Promise<void> {
    this.#rows += 1;
    this.#text += `${csvLine([...record, String(line), reason])}\n`;
    if (this.#text.length >= writtenFromCharacters) await this.#write();
  }

  /** Deletes the file if no row was rejected. Returns whether the file exists. Throws like `add`. */
  async close(): Promise<boolean> {
    if (this.#rows > 0) await this.#write();
    await this.#handle.close();
    if (this.#rows === 0) await rm(this.path);
    return this.#rows > 0;
  }

  /** Runs without `close` only after a failure. Rows added since the last write are then lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #write(): Promise<void> {
    try {
      await this.#handle.writeFile(this.#text);
    } catch (cause) {
      throw unwritable(this.path, 'make room there and run it again', cause);
    }
    this.#text = '';
  }
}

function unwritable(path: string, advice: string, cause: unknown): StatementError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new StatementError(`cannot write ${path}, where rows that cannot be used go${code}: ${advice}`, {
    cause,
  });
}

/** https://www.rfc-editor.org/rfc/rfc4180 */
export const csvLine = (values: readonly string[]): string =>
  values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',');
