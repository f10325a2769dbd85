/** `npm run demo`: reads the options, plays the replay and keeps the service running. */
import { onClosedOutput } from '../runtime/closed-output.ts';
import { endWithNpm } from '../runtime/end-with-npm.ts';
import { StopRequests } from '../runtime/stop-requests.ts';
import { failureOf } from '../cli/failure.ts';
import { type DemoOptions, parseArguments } from './arguments.ts';
import { type DemoService, startDemo } from './demo-service.ts';
import { generateReplay } from './made-up/generator.ts';
import { readInsight } from './insight.ts';
import { keepServing } from './keep-serving.ts';
import { dateTime } from './live-month.ts';
import { reportRejected } from './statements/rejected-rows.ts';
import { NotTold } from './not-told.ts';
import { nameFinder, type Replay } from './replay.ts';
import { tokensFrom } from './rules.ts';
import { liveCount, printNotifications, runDemo } from './run-demo.ts';
import { readStatement } from './statements/statement-replay.ts';
import { addresses, tryNext } from './try-next.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

class Interrupted extends Error {}

class OutputClosed extends Error {}

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2));
  const signal = endSignal();
  const replay = await readReplay(options);
  note(`Replaying ${options.file ?? 'the expenses of invented people'}: ${countOf(replay)}.`);
  note(`Times are in ${replay.tenant.timezone}.`);
  const service = await startDemo(replay, options.port, signal);
  try {
    await show(service, replay, options, signal);
  } finally {
    await service.stop();
  }
}

async function show(
  service: DemoService,
  replay: Replay,
  options: DemoOptions,
  signal: AbortSignal,
): Promise<void> {
  note(`Spendwatch runs at ${service.url}`);
  const tokenOf = tokensFrom(service.services, service.tenant.tenantId);
  const notTold = new NotTold(service.services.db, service.tenant.tenantId, replay);
  const summary = await runDemo({ service, replay, tokenOf, notTold, signal });
  const insight = await readInsight({ service, replay, tokenOf, signal });
  if (insight !== '') say(`\n${insight}\n`);
  say(summary);
  if (options.exit) return;
  const userId = replay.rules[0]?.userId ?? 'p01';
  const person = { userId, name: nameFinder(replay)(userId), token: await tokenOf(userId) };
  say(
    `\n${addresses(service)}\n\n${tryNext({ service, replay, person })}\nWhat people are told from now on is printed below. Ctrl-C ends the demo.\n`,
  );
  printNotifications({ service, replay, notTold }, { print: say });
  await keepServing(service, signal, () => notTold.print({ print: say }, service.clock.now()));
}

async function readReplay(options: DemoOptions): Promise<Replay> {
  const { file, live = null } = options;
  if (file === undefined) return generateReplay(live ?? lastMonth());
  note(`Reading ${file} …`);
  const statement = await readStatement({ ...options, file, live, timeZone: options.timezone ?? null });
  for (const line of await reportRejected(statement, file)) note(line);
  return statement.replay;
}

/** The last complete month by the machine's clock. Only the default of `--live` depends on it. */
const lastMonth = (): string =>
  Temporal.Now.plainDateISO().toPlainYearMonth().subtract({ months: 1 }).toString();

function countOf(replay: Replay): string {
  const month = dateTime(replay.start, replay.tenant.timezone).slice(0, 'YYYY-MM'.length);
  const [past, live] = [replay.historyCount, liveCount(replay)].map((count) => count.toLocaleString('en'));
  return `${past} events of history, then ${live} in ${month}, live`;
}

/** Aborts at the first Ctrl-C, or when the output is closed. A second Ctrl-C ends the process at once. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  const stops = new StopRequests();
  const end = (): void => {
    const request = stops.add();
    if (request === 'again') process.exit(130);
    if (request !== 'first') return;
    note('\nStopping …');
    controller.abort(new Interrupted('stopped before the replay was over; started again, it goes on'));
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  onClosedOutput([process.stdout, process.stderr], () => controller.abort(new OutputClosed()));
  endWithNpm(process.env, 'src/demo/main.ts', end);
  return controller.signal;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof OutputClosed) process.exit(0);
    note(error instanceof Interrupted ? error.message : `error: ${failureOf(error)}`);
    process.exit(error instanceof Interrupted ? 130 : 1);
  },
);
