/** A rule's period in the API's format: a kind of the calendar, a recurrence rule, or one period alone. */
import { type Static, Type } from 'typebox';
import { type BudgetPeriod, periodKinds } from '../../values/period.ts';
import {
  type Checked,
  checkOnce,
  checkRecurringPeriod,
  type PeriodError,
} from '../../values/recurrence/check-period.ts';
import { maxRecurrenceLength } from '../../values/recurrence/parse-recurrence.ts';
import type { FieldError } from '../errors/problem.ts';

const day = (description: string) => Type.String({ format: 'date', description });

/** `rrule` or `end` stands beside `start`. `readPeriod` holds that, as its errors then name the member at fault. */
const ownPeriod = Type.Object(
  {
    rrule: Type.Optional(
      Type.String({
        maxLength: maxRecurrenceLength + 'RRULE:'.length,
        description:
          'a recurrence rule (RFC 5545) of whole days, 1 to 400 days apart: `FREQ` daily or longer, without `COUNT`, `UNTIL`, times of day and `DTSTART`. Each period begins on an occurrence and ends before the next',
        examples: ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'],
      }),
    ),
    start: day('the first day; with `rrule` an occurrence. Days before it are in no period'),
    end: Type.Optional(
      day(
        'beside `start` alone: the day after the last. The rule is switched off once this period has closed',
      ),
    ),
  },
  {
    additionalProperties: false,
    description: '`{rrule, start}` for periods that recur, or `{start, end}` for one alone',
  },
);

export const periodSchema = Type.Union([Type.Enum(periodKinds), ownPeriod]);

type GivenPeriod = Static<typeof periodSchema>;

/** `value` is undefined where nothing was given, or something wrong. `today` is a day of any zone. */
export function readPeriod(
  given: GivenPeriod | undefined,
  today: string,
): { value: BudgetPeriod | undefined; errors: FieldError[] } {
  if (given === undefined || typeof given === 'string') return { value: given, errors: [] };
  const { rrule, start, end } = given;
  if ((rrule === undefined) === (end === undefined)) return wrong('must have rrule or end beside start');
  const { period, errors }: Checked<BudgetPeriod> =
    rrule === undefined
      ? checkOnce({ start, end: end ?? start })
      : checkRecurringPeriod({ rrule, start }, today);
  return { value: errors.length > 0 ? undefined : period, errors: errors.map(toFieldError) };
}

const wrong = (message: string): { value: undefined; errors: FieldError[] } => ({
  value: undefined,
  errors: [{ pointer: '/period', message }],
});

const toFieldError = ({ member, message }: PeriodError): FieldError => ({
  pointer: `/period/${member}`,
  message,
});
