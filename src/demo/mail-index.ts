/** The page that lists the demo's mails, newest first, with a link to each. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Eta } from 'eta';
import type { Clock } from '../runtime/clock.ts';
import { readIfThere, writeWhole } from '../runtime/database/embedded/files.ts';
import { dateTime } from './live-month.ts';
import type { Mail } from './mailbox.ts';

const listName = 'mails.json';

/** `name`: that of the mail's file, in the folder of the page. `at`: as people read it. */
type ListedMail = { name: string; subject: string; person: string; at: string };

const eta = new Eta({ autoEscape: true });

/** Everything in `<%=` is escaped. */
const page = eta.compile(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mails of the demo</title>
<style>
  :root { color-scheme: light dark; }
  body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: light-dark(#1b2430, #e6eaf0);
    background: light-dark(#f4f6f8, #11161d); }
  main { box-sizing: border-box; max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
  h1 { margin: 0 0 0.25rem; font-size: 1.5rem; line-height: 1.25; }
  p { margin: 0 0 1rem; color: light-dark(#566171, #9aa7b6); }
  ol { margin: 0; padding: 0; list-style: none; border: 1px solid light-dark(#d9dfe6, #2b3440);
    border-radius: 0.75rem; background: light-dark(#ffffff, #1a212a); overflow: hidden; }
  li + li { border-top: 1px solid light-dark(#e6eaef, #2b3440); }
  a { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: 0.75rem 1rem; color: inherit;
    text-decoration: none; }
  a:hover { background: light-dark(#eef3fa, #222c38); }
  a:focus-visible { outline: 3px solid light-dark(#1d5fc4, #8ab8f5); outline-offset: -3px; }
  .subject { grid-column: 1 / -1; font-weight: 600; overflow-wrap: anywhere; color: light-dark(#174a99, #9cc3f7); }
  .person, time { font-size: 0.875rem; color: light-dark(#566171, #9aa7b6); }
  time { white-space: nowrap; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<main>
<h1>Mails of the demo</h1>
<% if (it.mails.length === 0) { -%>
<p>No mail yet. Load the page again.</p>
<% } else { -%>
<p><%= it.mails.length %> of them, newest first. Times are in <%= it.timeZone %>.</p>
<ol>
<% for (const mail of it.mails) { -%>
<li><a href="<%= encodeURIComponent(mail.name) %>"><span class="subject"><%= mail.subject %></span><span class="person"><%= mail.person %></span><time><%= mail.at %></time></a></li>
<% } -%>
</ol>
<% } -%>
</main>
</body>
</html>
`);

/** The demo makes each person's address from their id. */
export const userIdOf = (address: string): string => address.split('@')[0] ?? address;

type Surroundings = { clock: Clock; timeZone: string; nameOf: (userId: string) => string };

/** The list is kept beside the page, so that a demo that goes on lists the mails of before too. */
export class MailIndex {
  readonly #page: string;
  readonly #list: string;
  readonly #surroundings: Surroundings;
  /** By the name of their file, oldest first. */
  readonly #mails: Map<string, ListedMail>;
  #isStale = true;
  #writing: Promise<void> | null = null;

  private constructor(folder: string, surroundings: Surroundings, mails: readonly ListedMail[]) {
    this.#page = path.join(folder, 'index.html');
    this.#list = path.join(folder, listName);
    this.#surroundings = surroundings;
    this.#mails = new Map(mails.map((mail) => [mail.name, mail]));
  }

  /** Makes the folder and the page where they are missing. */
  static async open(folder: string, surroundings: Surroundings): Promise<MailIndex> {
    await mkdir(folder, { recursive: true });
    const known = await readIfThere(path.join(folder, listName));
    // Only this module writes the file.
    const mails = known === undefined ? [] : (JSON.parse(known) as ListedMail[]);
    const index = new MailIndex(folder, surroundings, mails);
    await index.written();
    return index;
  }

  /** The address of the page. */
  get url(): string {
    return pathToFileURL(this.#page).href;
  }

  /** A mail in the file of an earlier one is the same mail again. The page has it soon. */
  add({ to, subject, file }: Mail): void {
    const { clock, timeZone, nameOf } = this.#surroundings;
    const name = path.basename(file);
    const at = dateTime(clock.now(), timeZone);
    if (!this.#mails.has(name)) this.#mails.set(name, { name, subject, person: nameOf(userIdOf(to)), at });
    this.#isStale = true;
    this.written().catch((error: unknown) =>
      process.stderr.write(`mails are not listed: ${String(error)}\n`),
    );
  }

  /** Resolves when the page has every mail. */
  written(): Promise<void> {
    this.#writing ??= this.#writeWhileStale();
    return this.#writing;
  }

  /** Mails that come meanwhile are written together. */
  async #writeWhileStale(): Promise<void> {
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.#write();
      }
    } finally {
      this.#writing = null;
    }
  }

  async #write(): Promise<void> {
    const mails = [...this.#mails.values()];
    const { timeZone } = this.#surroundings;
    await writeWhole(this.#list, JSON.stringify(mails));
    await writeWhole(this.#page, page.call(eta, { mails: mails.toReversed(), timeZone }));
  }
}
