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
  const calls = readCalls(queues, files);
  const runJob = workerId(queues.scheduledJobs);
  const groups = groupJobs(schedules, queues, calls);
  const lines = [
    `request([${quote(request)}]) --> web`,
    ...beginnings.map(({ process, does }) => `${process}[${quote(process, does)}]`),
    ...Object.entries(queues).map(
      ([key, queue]) =>
        `${queueId(key)}[/${quote(queue.name)}/] --> ${workerId(queue)}[${workerLabel(queue, files)}]`,
    ),
    ...groups.map(({ id, label }) => `${runJob} --> ${id}(${label})`),
    ...beginnings.flatMap(({ file, process }) => arrows(process, calls.get(file))),
    ...Object.values(queues).flatMap((queue) => arrows(workerId(queue), calls.get(workerFile(queue)))),
    ...groups.flatMap(({ id, calls }) => arrows(id, calls)),
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

/** What one file enqueues, by the keys of the queues. `again`: work that should be queued already. */
type Calls = { once: string[]; again: string[] };

const call = /\.(?<name>enqueue|enqueueAgain)\(\s*(?:contracts\.)?(?<queue>[\w$]+)/g;

function readCalls(queues: Queues, files: Files): Map<string, Calls> {
  const found = new Map<string, Calls>();
  for (const [file, text] of files) {
    if (leftOut.test(file)) continue;
    const made = [...readSource(text).code.matchAll(call)].map(({ groups }) => ({ ...groups }));
    const unknown = made.find(({ queue = '' }) => !(queue in queues));
    if (unknown) throw new Error(`${file} enqueues ${unknown['queue']}, and no contract has that name`);
    if (made.length > 0 && !hasPlace(file)) throw new Error(`${file} enqueues, and is no stage of the flow`);
    const queuesOf = (name: string) =>
      Object.keys(queues).filter((key) =>
        made.some((each) => each['name'] === name && each['queue'] === key),
      );
    found.set(file, { once: queuesOf('enqueue'), again: queuesOf('enqueueAgain') });
  }
  return found;
}

const hasPlace = (file: string): boolean =>
  /^(?:workers|jobs)\//.test(file) || beginnings.some((beginning) => beginning.file === file);

type JobGroup = { id: string; label: string; calls: Calls };

/**
 * Jobs that enqueue the same are drawn as one: a box for each would be too many to read. Their order is that of their
 * queues, and jobs without a queue come last, so that few arrows cross.
 */
function groupJobs(schedules: readonly Job[], queues: Queues, calls: ReadonlyMap<string, Calls>): JobGroup[] {
  const callsOf = ({ name }: Job): Calls => calls.get(`jobs/${name}.ts`) ?? { once: [], again: [] };
  const keys = Object.keys(queues);
  const position = (job: Job): number => {
    const [first] = callsOf(job).once;
    return first === undefined ? keys.length : keys.indexOf(first);
  };
  const groups = Map.groupBy(
    schedules.toSorted((a, b) => position(a) - position(b)),
    (job) => JSON.stringify(callsOf(job)),
  );
  return [...groups.values()].map((jobs) => {
    const [first = { name: '' }] = jobs;
    const again = callsOf(first).again.map((key) => queues[key]?.name);
    return {
      id: `${camelCase(first.name)}Job`,
      label: quote(
        ...jobs.map(({ name }) => name),
        again.length > 0 ? `enqueues again: ${again.join(', ')}` : '',
      ),
      calls: callsOf(first),
    };
  });
}

function arrows(from: string, calls: Calls | undefined): string[] {
  const once = calls?.once ?? [];
  return once.length === 0 ? [] : [`${from} --> ${once.map(queueId).join(' & ')}`];
}

const queueId = (key: string): string => `${key}Queue`;
const workerId = ({ worker }: Queue): string => `${camelCase(worker)}Worker`;
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
