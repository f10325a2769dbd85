/** A request's log writes its id on each line, and costs nothing before the first. */
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { RequestLog } from '../../../src/http/request-log.ts';
import { createLog } from '../../../src/runtime/log.ts';

function logOf(level: string) {
  const lines: unknown[] = [];
  const write = (chunk: Buffer, _encoding: unknown, done: () => void) => {
    lines.push(JSON.parse(String(chunk)));
    done();
  };
  const parent = createLog(level, new Writable({ write }));
  let children = 0;
  const child: typeof parent.child = (...made) => {
    children += 1;
    return parent.child(...made);
  };
  const counted = { level, isLevelEnabled: parent.isLevelEnabled.bind(parent), child };
  const log = new RequestLog({ ...parent, ...counted }, { requestId: 'r1' }, {});
  return { log, lines, children: () => children };
}

test('every line has the request’s id and what was logged', () => {
  const { log, lines, children } = logOf('info');
  log.info('first');
  log.error({ err: new Error('broken') }, 'failed');
  log.child({ part: 'body' }).warn({ size: 3 }, 'large');
  expect(lines).toMatchObject([
    { level: 30, requestId: 'r1', msg: 'first' },
    { level: 50, requestId: 'r1', msg: 'failed', err: { message: 'broken' } },
    { level: 40, requestId: 'r1', part: 'body', size: 3, msg: 'large' },
  ]);
  expect(children()).toBe(2);
});

test('a line below the level makes no log', () => {
  const { log, lines, children } = logOf('warn');
  log.debug({ size: 3 }, 'answered');
  log.info('first');
  log.silent();
  expect(lines).toEqual([]);
  expect(children()).toBe(0);
});

test('secrets are redacted', () => {
  const { log, lines } = logOf('info');
  log.info({ email: 'a@example.com', body: { token: 'abc' } }, 'told');
  expect(lines).toMatchObject([{ email: '[redacted]', body: { token: '[redacted]' } }]);
});
