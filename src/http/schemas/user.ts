/** People, as services update them. */
import { type TSchema, Type } from 'typebox';
import { localeTag } from '../../values/locale.ts';
import { timeZoneName } from '../../values/time-zone.ts';
import { identifier, instant, label, nullable } from './text.ts';

const settable = <Schema extends TSchema>(schema: Schema) => Type.Optional(nullable(schema));

const emailPattern = String.raw`^[^\s@"<>(),:;\\\[\]\p{Cc}\p{Cs}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]|\.(?!\.|$)){0,180}$`;

export const timezone = Type.Refine(
  Type.String({ description: 'an IANA time zone', examples: ['Europe/Berlin'], maxLength: 64 }),
  (value) => typeof value === 'string' && timeZoneName(value) !== null,
  () => 'must be an IANA time zone, like Europe/Berlin',
);

export const locale = Type.Refine(
  Type.String({ description: 'a BCP 47 language tag', examples: ['de-AT'], maxLength: 64 }),
  (value) => typeof value === 'string' && localeTag(value) !== null,
  () => 'must be a BCP 47 language tag, like de-AT',
);

export const userChanges = Type.Object(
  {
    timezone: settable(timezone),
    locale: settable(locale),
    email: settable(Type.String({ pattern: emailPattern, description: 'an email address' })),
    phone: settable(
      Type.String({
        pattern: String.raw`^\+[1-9]\d{6,14}$`,
        description: 'an E.164 number, like +4915112345678',
      }),
    ),
    name: settable(label(200)),
    benchmarkConsent: settable(
      Type.Boolean({
        description: 'whether their spending may count in benchmarks; null: the tenant’s setting',
      }),
    ),
  },
  { additionalProperties: false, description: 'Any subset; null clears a field.' },
);

type RegionalSettings = { timezone?: string | null | undefined; locale?: string | null | undefined };

/** Returns the canonical form of time zones and locales. The schema has validated them. */
export const usualNames = ({ timezone, locale }: RegionalSettings) => ({
  ...(timezone === undefined ? {} : { timezone: timezone && timeZoneName(timezone) }),
  ...(locale === undefined ? {} : { locale: locale && localeTag(locale) }),
});

export const userParams = Type.Object({ userId: identifier() });

export const unconfirmedSchema = Type.Object(
  { email: nullable(Type.String()), phone: nullable(Type.String()) },
  {
    description:
      'addresses that are not used until the person confirms them by the link sent there; setting one again an hour later sends a new link',
  },
);

export const userSchema = Type.Object(
  {
    id: Type.String(),
    timezone: nullable(Type.String({ description: 'null: the tenant’s' })),
    locale: nullable(Type.String()),
    email: nullable(Type.String()),
    phone: nullable(Type.String()),
    name: nullable(Type.String()),
    benchmarkConsent: nullable(Type.Boolean()),
    registeredAt: instant('when they were first seen'),
    unconfirmed: unconfirmedSchema,
  },
  { description: 'The person.' },
);
