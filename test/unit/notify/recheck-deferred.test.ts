import { expect, test } from 'vitest';
import { type DeferredState, recheckDeferred } from '../../../src/notify/decide/recheck-deferred.ts';

const alert: DeferredState = { type: 'budget_alert', level: 95, isRead: false, openLevels: [80, 95] };
const recovery: DeferredState = { type: 'recovery', level: 95, isRead: false, openLevels: [80] };
const summary: DeferredState = { type: 'daily_summary', level: null, isRead: false, openLevels: [] };

test.each<[string, DeferredState, ReturnType<typeof recheckDeferred>]>([
  ['an alert with its level still the highest open one', alert, null],
  ['an alert with only its level open', { ...alert, openLevels: [95] }, null],
  ['an alert with its levels in another order', { ...alert, openLevels: [95, 80] }, null],
  ['an alert with nothing open', { ...alert, openLevels: [] }, 'no_longer_reached'],
  ['an alert with a lower level open', { ...alert, openLevels: [80] }, 'no_longer_reached'],
  ['an alert with only a higher level open', { ...alert, openLevels: [100] }, 'no_longer_reached'],
  ['an alert with a higher level open too', { ...alert, openLevels: [80, 95, 100] }, 'overtaken'],
  ['an alert with a level one percent higher open', { ...alert, openLevels: [96, 95] }, 'overtaken'],
  ['an alert at 95 with 100 open, compared as numbers', { ...alert, openLevels: [95, 100] }, 'overtaken'],
  ['an alert that was read', { ...alert, isRead: true }, 'already_read'],
  ['an alert that was read and then fell', { ...alert, isRead: true, openLevels: [] }, 'already_read'],
  [
    'an alert that was read and then overtaken',
    { ...alert, isRead: true, openLevels: [95, 100] },
    'already_read',
  ],
  ['a recovery of a level that is closed', recovery, null],
  ['a recovery with nothing open', { ...recovery, openLevels: [] }, null],
  ['a recovery while a higher level is open', { ...recovery, openLevels: [100] }, null],
  ['a recovery of a level open again', { ...recovery, openLevels: [80, 95] }, 'reached_again'],
  ['a recovery that was read', { ...recovery, isRead: true }, 'already_read'],
  [
    'a recovery that was read, of a level open again',
    { ...recovery, isRead: true, openLevels: [95] },
    'already_read',
  ],
  ['a summary', summary, null],
  ['a summary that was read', { ...summary, isRead: true }, 'already_read'],
  ['a roll-up with a level open', { ...summary, type: 'roll_up', openLevels: [80] }, null],
  ['a recommendation with a level open', { ...recovery, type: 'recommendation', openLevels: [95] }, null],
  ['a notice of a bounced address', { ...summary, type: 'address_bounced' }, null],
])('%s, in the state %j, has the cancel reason %s', (_name, state, reason) => {
  expect(recheckDeferred(state)).toBe(reason);
});
