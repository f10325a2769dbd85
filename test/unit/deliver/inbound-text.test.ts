import { describe, expect, test } from 'vitest';
import { readTextCommand } from '../../../src/deliver/decide/inbound-text.ts';

describe('a text that a person sends', () => {
  test.each([
    'STOP',
    'stop',
    ' Stop. ',
    'STOP!',
    'StopAll',
    'Unsubscribe',
    'cancel',
    'END',
    'quit',
    'OPTOUT',
    'revoke',
  ])('ends texts with %j', (body) => {
    expect(readTextCommand(body, null)).toBe('stop');
  });

  test.each(['START', 'start', 'Yes', 'unstop\n'])('resumes texts with %j', (body) => {
    expect(readTextCommand(body, null)).toBe('start');
  });

  test.each(['', 'HELP', 'please stop', 'stop it', 'stopp', 'Do not stop', 'sto p', '停止'])(
    'changes nothing with %j',
    (body) => {
      expect(readTextCommand(body, null)).toBeNull();
    },
  );

  test.each([
    ['ARRET', 'STOP', 'stop'],
    ['OUI', 'START', 'start'],
    ['STOP', 'HELP', 'stop'],
    ['STOP', 'constructor', 'stop'],
  ])('%j is what the provider made of it, %s', (body, optOutType, command) => {
    expect(readTextCommand(body, optOutType)).toBe(command);
  });
});
