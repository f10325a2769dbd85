/**
 * Draws the flow as a Mermaid chart. Queues, workers and jobs come from their tables, and the arrows between them
 * from the calls of `enqueue` in the sources. A worker's words are the first clause at the head of its file. Stated
 * here is only where the flow begins and where it ends. Pure.
 */
import type { Contract } from '../../../src/runtime/queues/contract.ts';
import { channels } from '../../../src/values/channels.ts';
import type { Files } from './architecture.ts';
import { readSource } from './source-text.ts';

type Queue = Pick<Contract, 'name' | 'worker'>;
type Job = { name: string };
type Queues = Readonly<Record<string, Queue> & Record<'deliveries' | 'scheduledJobs', Queue>>;

/** The files that enqueue the first job of a flow, and the process that runs them. */
const beginnings = [
  { file: 'src/services.ts', process: 'web', does: 'stores events, then answers 202' },
  { file: 'src/operate/scheduler.ts', process: 'clock', does: 'finds the jobs that are due' },
];
const request = 'POST /api/events';

/** Requests that change sums, providers' callbacks and commands enter the flow half-way. They are not drawn. */
const leftOut = /^src\/(?:http|cli)\//;

/** Narrower than Mermaid's own spacing, as a page shrinks a wide chart until nobody can read it. */
const spacing = '%%{init: {"flowchart": {"nodeSpacing": 24, "rankSpacing": 36, "padding": 10}}}%%';

/** `files`: the sources in `src`, `workers` and `jobs`. Throws for a call of `enqueue` that has no place in the chart. */
export function drawFlow(queues: Queues, schedules: readonly Job[], files: Files): string {
  const calls = readCalls(queues, schedules, files);
  const groups = groupJobs(schedules, queues, calls);
  const lines = [
    `request([${quote(request)}]) --> web`,
    ...beginnings.map(({ process, does }) => `${process}[${quote(process, does)}]`),
    ...Object.entries(queues).map(
      ([key, queue]) =>
        `${queueId(key)}[/${quote(queue.name)}/] --> ${workerId(queue)}[${workerLabel(queue, files)}]`,
    ),
    ...groups.map(({ id, label }) => `${workerId(queues.scheduledJobs)} --> ${id}(${label})`),
    ...beginnings.flatMap(({ file, process }) => arrows(process, calls.get(file)?.all)),
    ...Object.values(queues).flatMap((queue) => arrows(workerId(queue), calls.get(workerFile(queue))?.all)),
    ...groups.flatMap(({ id, once }) => arrows(id, once)),
    `${workerId(queues.deliveries)} --> person([${quote('a person', channels.join(', '))}])`,
  ];
  return [spacing, 'flowchart TD', ...lines.map((line) => `  ${line}`)].join('\n');
}

/** As it stands in a document, between marks. */
export const flowBlock = (chart: string): string =>
  `<!-- flow:begin -->\n\`\`\`mermaid\n${chart}\n\`\`\`\n<!-- flow:end -->`;

/** The block of a document with its marks; null where it has none. */
export const readFlowBlock = (document: string): string | null =>
  /<!-- flow:begin -->[\s\S]*?<!-- flow:end -->/.exec(document)?.[0] ?? null;

/** The keys of the queues that one file calls. `again`: for work that should be queued already. */
type Calls = { all: string[]; once: string[]; again: string[] };

const noCalls: Calls = { all: [], once: [], again: [] };
const call = /\.enqueue(?<again>Again)?\(\s*(?:contracts\.)?(?<key>[\w$]+)/g;

function readCalls(queues: Queues, schedules: readonly Job[], files: Files): Map<string, Calls> {
  const stages = new Set([
    ...beginnings.map(({ file }) => file),
    ...Object.values(queues).map(workerFile),
    ...schedules.map(jobFile),
  ]);
  const found = new Map<string, Calls>();
  for (const [file, text] of files) {
    const made = leftOut.test(file) ? [] : [...readSource(text).code.matchAll(call)];
    if (made.length === 0) continue;
    if (!stages.has(file)) throw new Error(`${file} enqueues, and is no stage of the flow`);
    const keys = made.map(({ groups }) => ({ key: groups?.['key'] ?? '', isAgain: !!groups?.['again'] }));
    const unknown = keys.find(({ key }) => !(key in queues));
    if (unknown) throw new Error(`${file} enqueues ${unknown.key}, and no contract has that name`);
    const select = (matches: (isAgain: boolean) => boolean): string[] =>
      Object.keys(queues).filter((each) => keys.some(({ key, isAgain }) => key === each && matches(isAgain)));
    found.set(file, {
      all: select(() => true),
      once: select((isAgain) => !isAgain),
      again: select((isAgain) => isAgain),
    });
  }
  return found;
}

type JobGroup = { id: string; label: string; once: string[] };

/**
 * Jobs that enqueue the same are drawn as one: a box for each would be too many to read. They stand in the order of
 * their queues, and those without a queue come last, so that few arrows cross.
 */
function groupJobs(schedules: readonly Job[], queues: Queues, calls: ReadonlyMap<string, Calls>): JobGroup[] {
  const keys = Object.keys(queues);
  const position = ([first]: string[]): number => (first === undefined ? keys.length : keys.indexOf(first));
  const jobs = schedules
    .map((job) => ({ ...job, ...(calls.get(jobFile(job)) ?? noCalls) }))
    .sort((a, b) => position(a.once) - position(b.once));
  const traceOf = ({ once, again }: Calls): string => JSON.stringify([once, again]);
  const listAlike = (calls: Calls) => jobs.filter((job) => traceOf(job) === traceOf(calls));
  return jobs
    .filter((job) => listAlike(job)[0] === job)
    .map((job) => ({
      id: `${camelCase(job.name)}Job`,
      label: quote(...listAlike(job).map(({ name }) => name), againText(job.again, queues)),
      once: job.once,
    }));
}

/** In words: arrows to every queue would cross all others. */
const againText = (keys: readonly string[], queues: Queues): string =>
  keys.length === 0 ? '' : `enqueues again: ${keys.map((key) => queues[key]?.name).join(', ')}`;

const arrows = (from: string, keys: readonly string[] = []): string[] =>
  keys.length === 0 ? [] : [`${from} --> ${keys.map(queueId).join(' & ')}`];

const queueId = (key: string): string => `${key}Queue`;
const workerId = ({ worker }: Queue): string => `${camelCase(worker)}Worker`;
const jobFile = ({ name }: Job): string => `jobs/${name}.ts`;
const workerFile = ({ worker }: Queue): string => `workers/${worker}.ts`;

const camelCase = (name: string): string =>
  name.replaceAll(/-(?<letter>[a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The worker's name and what it does, as far as its file says so. */
function workerLabel(queue: Queue, files: Files): string {
  const head = /^\/\*\*[\s*]*(?<clause>[^.,:;]+)/.exec(files.get(workerFile(queue)) ?? '');
  const clause = head?.groups?.['clause']?.replaceAll(/[\s*]+/g, ' ').trim() ?? '';
  return quote(queue.worker, clause.charAt(0).toLowerCase() + clause.slice(1));
}

const quote = (...lines: string[]): string =>
  `"${lines
    .filter((line) => line !== '')
    .join('<br>')
    .replaceAll('"', '#quot;')}"`;
