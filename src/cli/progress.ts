/**
 * How far a long command has come, on standard error: a bar on a terminal, elsewhere a plain line now and
 * then. Lines printed meanwhile go to standard output, above the bar.
 */
import { MultiBar, Presets, type SingleBar } from 'cli-progress';

export type Progress = {
  /** `note` stands behind the figures. */
  update(done: number, note?: string): void;
  /** A line on standard output. */
  print(line: string): void;
  stop(): void;
};

export const startProgress = (label: string, total: number): Progress =>
  process.stderr.isTTY ? new ProgressBar(label, total) : new ProgressLines(label, total);

const labelWidth = 12;
const clearLine = '\r\u001b[K';

class ProgressBar implements Progress {
  readonly #bars: MultiBar;
  readonly #bar: SingleBar;

  constructor(label: string, total: number) {
    const format = `${label.padEnd(labelWidth)} {bar} {percentage} %  {value}/{total}  {note}`;
    // A single one would, when it stops, put the cursor back to where it stood when it started.
    this.#bars = new MultiBar(
      { format, hideCursor: true, forceRedraw: true, barsize: 24, emptyOnZero: true, autopadding: true },
      Presets.shades_classic,
    );
    this.#bar = this.#bars.create(total, 0, { note: '' });
  }

  update(done: number, note = ''): void {
    this.#bar.update(done, { note });
  }

  print(line: string): void {
    process.stderr.write(clearLine);
    process.stdout.write(`${line}\n`);
    this.#bars.update();
  }

  stop(): void {
    this.#bars.stop();
  }
}

const lineEveryMs = 5_000;

class ProgressLines implements Progress {
  readonly #label: string;
  readonly #total: number;
  #done = 0;
  #writtenAt = performance.now();

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  update(done: number, note = ''): void {
    this.#done = done;
    if (performance.now() - this.#writtenAt >= lineEveryMs) this.#write(note);
  }

  print(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  stop(): void {
    this.#write('');
  }

  #write(note: string): void {
    this.#writtenAt = performance.now();
    const percent = this.#total === 0 ? 100 : Math.floor((this.#done * 100) / this.#total);
    const line = `${this.#label}: ${percent} %, ${this.#done}/${this.#total} ${note}`;
    process.stderr.write(`${line.trimEnd()}\n`);
  }
}
