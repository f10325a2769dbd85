/** The end of a snooze. A time that has passed already is no snooze. */
import { Type } from 'typebox';
import { parseRuleSnooze, parseSnooze } from '../../values/snooze.ts';

const instantOrDay =
  'an RFC 3339 instant, like 2026-11-22T10:00:00Z, or a day, like 2026-11-22, until it begins in the person’s zone';
const examples = ['2026-11-22T10:00:00Z', '2026-11-22'];

export const snooze = Type.Refine(
  Type.String({ description: instantOrDay, examples }),
  (value) => typeof value === 'string' && parseSnooze(value) !== null,
  () => `must be ${instantOrDay}`,
);

const ruleSnoozeText = `${instantOrDay}, or period_end`;

export const ruleSnooze = Type.Refine(
  Type.String({
    description: `${ruleSnoozeText}: until the rule’s next period begins. Until then its alerts are recorded and shown in the app alone`,
    examples: [...examples, 'period_end'],
  }),
  (value) => typeof value === 'string' && parseRuleSnooze(value) !== null,
  () => `must be ${ruleSnoozeText}`,
);
