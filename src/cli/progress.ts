/**
 * Shows the progress of a long command on standard error: a bar on a terminal, elsewhere a plain line every five
 * seconds. Lines printed meanwhile go to standard output, above the bar.
 */
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { Shell } from './shell.ts';

export type Progress = {
  /** `note` is shown after the figures. */
  update(done: number, note?: string): void;
  /** Prints a line on standard output. */
  print(line: string): void;
  stop(): void;
};

/** `unit`: the unit of the figures, if the label does not say it. */
export const startProgress = (shell: Shell, label: string, total: number, unit = ''): Progress =>
  shell.errors === process.stderr && process.stderr.isTTY
    ? new ProgressBar(label, total, unit)
    : new ProgressLines(shell, label, total, unit);

const labelWidth = 12;
const clearLine = '\r\u001b[K';

class ProgressBar implements Progress {
  readonly #bars: MultiBar;
  readonly #bar: SingleBar;

  constructor(label: string, total: number, unit: string) {
    const format = `${label.padEnd(labelWidth)} {bar} {percentage} %  {value}/{total}${unit && ` ${unit}`}  {note}`;
    // `MultiBar` is used for one bar, because a single `SingleBar` restores the cursor's first position when it stops.
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
  readonly #shell: Shell;
  readonly #label: string;
  readonly #total: number;
  readonly #unit: string;
  #done = 0;
  #note = '';
  #writtenAt = performance.now();

  constructor(shell: Shell, label: string, total: number, unit: string) {
    this.#shell = shell;
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
  }

  update(done: number, note = ''): void {
    this.#done = done;
    this.#note = note;
    if (performance.now() - this.#writtenAt >= lineEveryMs) this.#write();
  }

  print(line: string): void {
    this.#shell.output.write(`${line}\n`);
  }

  stop(): void {
    this.#write();
  }

  #write(): void {
    this.#writtenAt = performance.now();
    const percent = this.#total === 0 ? 100 : Math.floor((this.#done * 100) / this.#total);
    const figures = [`${this.#done}/${this.#total}`, this.#unit, this.#note].filter(Boolean).join(' ');
    this.#shell.errors.write(`${this.#label}: ${percent} %, ${figures}\n`);
  }
}
