/** Quiet hours of a rule and of a person. */
import { Type } from 'typebox';
import { nullable } from './text.ts';
import { timezone } from './user.ts';

const strict = { additionalProperties: false };

export const wallClock = (example: string) =>
  Type.String({
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    description: `a time of day, like ${example}`,
    examples: [example],
  });

const window = { enabled: Type.Boolean(), start: wallClock('20:00'), end: wallClock('08:00') };

const described = {
  description: 'may cross midnight; a window whose start is its end is never quiet',
  examples: [{ start: '20:00', end: '08:00' }],
};

/** Null means the person's own time zone. */
const zone = nullable(Type.String({ description: 'IANA time zone', examples: ['Europe/Berlin'] }));

export const quietHoursSchema = Type.Object({ ...window, timezone: zone }, described);

/** A rule's window, which is set as a whole. `rule-changes.ts` checks that the time zone exists. */
export const writableQuietHours = Type.Object(
  {
    ...window,
    enabled: Type.Optional(Type.Boolean({ description: 'true where left out' })),
    timezone: Type.Optional(zone),
  },
  { ...strict, ...described },
);

/** Changes to a person's window. Omitted fields keep their values. */
export const quietHoursChanges = Type.Partial(Type.Object({ ...window, timezone: nullable(timezone) }), {
  ...strict,
  ...described,
});
