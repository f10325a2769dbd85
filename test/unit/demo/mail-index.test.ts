/** The page that lists the demo's mails. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MailIndex } from '../../../src/demo/mail-index.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';

let folder: string;
let clock: SteppedClock;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mails-'));
  clock = new SteppedClock('2026-10-14T18:00:00Z');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): Promise<MailIndex> =>
  MailIndex.open(folder, { clock, timeZone: 'America/New_York', nameOf: (userId) => `Name of ${userId}` });

const mail = (name: string, subject = 'A budget') => ({
  to: 'p01@example.com',
  subject,
  file: path.join(folder, `${name}.html`),
});

const read = (): Promise<string> => readFile(path.join(folder, 'index.html'), 'utf8');

/** The files it links to, in order. */
const linked = async (): Promise<string[]> =>
  [...(await read()).matchAll(/<a href="(?<file>[^"]+)">/g)].map(({ groups }) => groups?.['file'] ?? '');

test('has a link to each mail, newest first, with its subject, its person and its time', async () => {
  const index = await open();
  index.add(mail('one', 'Groceries: 103 % of the monthly budget'));
  clock.advance({ hours: 1 });
  index.add(mail('two'));
  await index.written();
  expect(await linked()).toEqual(['two.html', 'one.html']);
  expect(await read()).toContain(
    '<a href="one.html"><span class="subject">Groceries: 103 % of the monthly budget</span><span class="person">Name of p01</span><time>2026-10-14 14:00</time></a>',
  );
  expect(index.url).toBe(`file://${folder}/index.html`);
});

test('escapes what a subject has of HTML', async () => {
  const index = await open();
  index.add(mail('one', '<b>"A" & B</b>'));
  await index.written();
  expect(await read()).toContain('&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;');
});

test('lists a mail once, and those of an earlier run', async () => {
  const index = await open();
  index.add(mail('one'));
  index.add(mail('one'));
  await index.written();
  const again = await open();
  again.add(mail('two'));
  await again.written();
  expect(await linked()).toEqual(['two.html', 'one.html']);
});

test('is there before the first mail', async () => {
  await open();
  expect(await linked()).toEqual([]);
  expect(await read()).toContain('No mail yet');
});
