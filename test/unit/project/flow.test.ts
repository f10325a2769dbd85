/** The picture of the flow has everything that its tables and sources have. */
import { describe, expect, test } from 'vitest';
import { drawFlow, flowBlock, readFlowBlock } from '../../support/checks/flow.ts';

const queues = {
  payments: { name: 'payments', worker: 'book-payment' },
  deliveries: { name: 'deliveries', worker: 'deliver' },
  scheduledJobs: { name: 'scheduled-jobs', worker: 'run-job' },
};
const jobs = [{ name: 'close-day' }, { name: 'tidy-up' }];
const sources = {
  'src/services.ts': 'queues.enqueue(payments, [paid]);',
  'src/operate/scheduler.ts': 'queues.enqueue(scheduledJobs, due); queues.enqueueAgain(scheduledJobs, lost);',
  'src/http/routes/refund.ts': 'queues.enqueue(deliveries, refunds);',
  'workers/book-payment.ts':
    '/**\n * Books one payment,\n * and more. */\nqueues.enqueue(\n  deliveries, []);',
  'jobs/close-day.ts': 'queues.enqueue(payments, []); // queues.enqueue(deliveries, [])',
  'jobs/tidy-up.ts': 'await tidyUp();',
};

const draw = (
  more: {
    queues?: typeof queues & Record<string, { name: string; worker: string }>;
    jobs?: typeof jobs;
  } = {},
  files: Record<string, string> = {},
): string[] =>
  drawFlow(more.queues ?? queues, more.jobs ?? jobs, new Map(Object.entries({ ...sources, ...files })))
    .split('\n')
    .map((line) => line.trim());

describe('the picture of the flow', () => {
  test('shows queues, workers and jobs by their names, and leads from stage to stage', () => {
    expect(draw().slice(1)).toEqual([
      'flowchart TD',
      'request(["POST /api/events"]) --> web',
      'web["web<br>stores events, then answers 202"]',
      'clock["clock<br>finds the jobs that are due"]',
      'paymentsQueue[/"payments"/] --> bookPaymentWorker["book-payment<br>books one payment"]',
      'deliveriesQueue[/"deliveries"/] --> deliverWorker["deliver"]',
      'scheduledJobsQueue[/"scheduled-jobs"/] --> runJobWorker["run-job"]',
      'runJobWorker --> closeDayJob("close-day")',
      'runJobWorker --> tidyUpJob("tidy-up")',
      'web --> paymentsQueue',
      'clock --> scheduledJobsQueue',
      'bookPaymentWorker --> deliveriesQueue',
      'closeDayJob --> paymentsQueue',
      'deliverWorker --> person(["a person<br>in-app, email, sms, push"])',
    ]);
  });

  test('has a queue and a job that are added to the tables, and the arrows of their sources', () => {
    const drawn = draw(
      {
        queues: { ...queues, taxReturns: { name: 'tax-returns', worker: 'file-taxes' } },
        jobs: [...jobs, { name: 'end-year' }],
      },
      {
        'workers/file-taxes.ts': '/** Files taxes: one a year. */\nqueues.enqueue(payments, []);',
        'jobs/end-year.ts': 'queues.enqueue(contracts.taxReturns, []); queues.enqueue(deliveries, []);',
      },
    );
    expect(drawn.filter((line) => !draw().includes(line))).toEqual([
      'taxReturnsQueue[/"tax-returns"/] --> fileTaxesWorker["file-taxes<br>files taxes"]',
      'runJobWorker --> endYearJob("end-year")',
      'fileTaxesWorker --> paymentsQueue',
      'endYearJob --> deliveriesQueue & taxReturnsQueue',
    ]);
  });

  test('draws jobs that enqueue the same as one, and says in words what is enqueued again', () => {
    const again = 'queues.enqueueAgain(deliveries, []); queues.enqueueAgain(payments, []);';
    const drawn = draw(
      { jobs: [...jobs, { name: 'open-day' }, { name: 'sweep' }] },
      { 'jobs/open-day.ts': 'queues.enqueue(payments, []);', 'jobs/sweep.ts': again },
    );
    expect(drawn.filter((line) => line.startsWith('runJobWorker'))).toEqual([
      'runJobWorker --> closeDayJob("close-day<br>open-day")',
      'runJobWorker --> tidyUpJob("tidy-up")',
      'runJobWorker --> sweepJob("sweep<br>enqueues again: payments, deliveries")',
    ]);
  });

  test('refuses a call of enqueue that it has no place for', () => {
    expect(() => draw({}, { 'src/ingest/inbox.ts': 'queues.enqueue(payments, []);' })).toThrow(
      'src/ingest/inbox.ts enqueues, and is no stage of the flow',
    );
    expect(() => draw({}, { 'jobs/tidy-up.ts': 'queues.enqueue(crumbs, []);' })).toThrow(
      'jobs/tidy-up.ts enqueues crumbs, and no contract has that name',
    );
  });

  test('is found in a document between its marks', () => {
    const block = flowBlock('flowchart TD');
    expect(readFlowBlock(`# Flow\n${block}\nMore.`)).toBe(block);
    expect(readFlowBlock('# Flow')).toBeNull();
  });
});
