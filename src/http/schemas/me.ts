/** A person's own facts, as they see and change them. */
import { type Static, Type } from 'typebox';
import type { User } from '../../accounts/people.ts';
import { defaultLocale } from '../../values/locale.ts';
import { nullable } from './text.ts';
import { unconfirmedSchema, userChanges } from './user.ts';

const { name, email, phone, locale } = userChanges.properties;

export const meChanges = Type.Object(
  { name, email, phone, locale },
  { additionalProperties: false, description: 'Any subset; null clears a field.' },
);

export const meSchema = Type.Object({
  name: nullable(Type.String({ examples: ['Ada Example'] })),
  email: nullable(Type.String({ description: 'the one in use' })),
  phone: nullable(Type.String({ description: 'the one in use' })),
  locale: Type.String({
    description: 'how numbers and dates are written, as in the preferences',
    examples: ['en'],
  }),
  unconfirmed: unconfirmedSchema,
});

export const meView = (user: User): Static<typeof meSchema> => ({
  name: user.name,
  email: user.email,
  phone: user.phone,
  locale: user.locale ?? defaultLocale,
  unconfirmed: user.unconfirmed,
});
