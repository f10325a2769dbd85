/** The rows of a statement that could not be used, as they stood, with their line and the reason. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { StatementError } from './columns.ts';

export type RejectedRow = { record: readonly string[]; line: number; reason: string };

/** `F.csv` and `F.csv.gz` → `F.rejected.csv`. */
export const rejectedName = (file: string): string => `${file.replace(/\.csv(\.gz)?$/i, '')}.rejected.csv`;

export class RejectedFile {
  readonly path: string;
  readonly #stream: WriteStream;
  #rows = 0;

  private constructor(path: string, stream: WriteStream) {
    this.path = path;
    this.#stream = stream;
  }

  /** Begins it anew; throws `StatementError` where it cannot be written. */
  static async open(path: string, header: readonly string[]): Promise<RejectedFile> {
    const handle = await open(path, 'w').catch((error: unknown) => {
      throw new StatementError(
        `cannot write ${path}, where rows that cannot be used go: put the file into a folder of yours`,
        { cause: error },
      );
    });
    const stream = createWriteStream(path, { fd: handle });
    stream.write(`${csvLine([...header, 'line', 'reason'])}\n`);
    return new RejectedFile(path, stream);
  }

  /** Resolves when another may be added. */
  async add({ record, line, reason }: RejectedRow): Promise<void> {
    this.#rows += 1;
    const fits = this.#stream.write(`${csvLine([...record, String(line), reason])}\n`);
    if (!fits) await once(this.#stream, 'drain');
  }

  /** Takes it away where no row was rejected; answers whether it is there. */
  async close(): Promise<boolean> {
    this.#stream.end();
    await finished(this.#stream);
    if (this.#rows === 0) await rm(this.path);
    return this.#rows > 0;
  }
}

/** https://www.rfc-editor.org/rfc/rfc4180 */
export const csvLine = (values: readonly string[]): string =>
  values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',');
