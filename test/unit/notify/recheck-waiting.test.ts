import { expect, test } from 'vitest';
import { type WaitingState, recheckWaiting } from '../../../src/notify/decide/recheck-waiting.ts';

const alert: WaitingState = { type: 'budget_alert', level: 95, isRead: false, openLevels: [80, 95] };
const recovery: WaitingState = { type: 'recovery', level: 95, isRead: false, openLevels: [80] };
const summary: WaitingState = { type: 'daily_summary', level: null, isRead: false, openLevels: [] };

test.each<[string, WaitingState, ReturnType<typeof recheckWaiting>]>([
  ['an alert whose level is still the highest', alert, null],
  ['an alert whose level alone is open', { ...alert, openLevels: [95] }, null],
  ['the order of the levels does not matter', { ...alert, openLevels: [95, 80] }, null],
  ['an alert with nothing open', { ...alert, openLevels: [] }, 'no_longer_reached'],
  ['an alert with a lower level open', { ...alert, openLevels: [80] }, 'no_longer_reached'],
  ['an alert with only a higher level open', { ...alert, openLevels: [100] }, 'no_longer_reached'],
  ['an alert with a higher level open too', { ...alert, openLevels: [80, 95, 100] }, 'overtaken'],
  ['one percent higher is higher', { ...alert, openLevels: [96, 95] }, 'overtaken'],
  ['levels are numbers, not texts', { ...alert, openLevels: [95, 100] }, 'overtaken'],
  ['an alert that was read', { ...alert, isRead: true }, 'already_read'],
  ['read goes before fallen', { ...alert, isRead: true, openLevels: [] }, 'already_read'],
  ['read goes before overtaken', { ...alert, isRead: true, openLevels: [95, 100] }, 'already_read'],
  ['a recovery of a level that is closed', recovery, null],
  ['a recovery with nothing open', { ...recovery, openLevels: [] }, null],
  ['a recovery while a higher level is open', { ...recovery, openLevels: [100] }, null],
  ['a recovery of a level open again', { ...recovery, openLevels: [80, 95] }, 'reached_again'],
  ['a recovery that was read', { ...recovery, isRead: true }, 'already_read'],
  ['read goes before reached again', { ...recovery, isRead: true, openLevels: [95] }, 'already_read'],
  ['a summary', summary, null],
  ['a summary that was read', { ...summary, isRead: true }, 'already_read'],
  ['a roll-up, whatever is open', { ...summary, type: 'roll_up', openLevels: [80] }, null],
  ['a recommendation, whatever is open', { ...recovery, type: 'recommendation', openLevels: [95] }, null],
  ['a bounced address', { ...summary, type: 'address_bounced' }, null],
])('%s', (_name, state, reason) => {
  expect(recheckWaiting(state)).toBe(reason);
});
