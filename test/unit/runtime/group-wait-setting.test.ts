import { expect, test } from 'vitest';
import { readConfig, SettingError } from '../../../src/runtime/config/config.ts';

test.each([
  [undefined, 30],
  ['0', 0],
  ['99', 99],
  ['300', 300],
])('GROUP_WAIT_SECONDS=%s lets alerts wait for %i seconds', (given, seconds) => {
  expect(readConfig({ GROUP_WAIT_SECONDS: given }).groupWaitSeconds).toBe(seconds);
});

test.each(['301', '-1', '1.5', '1000', 'long'])('GROUP_WAIT_SECONDS=%s is refused', (given) => {
  expect(() => readConfig({ GROUP_WAIT_SECONDS: given })).toThrow(SettingError);
  expect(() => readConfig({ GROUP_WAIT_SECONDS: given })).toThrow('must be a whole number from 0 to 300');
});
