/** Tokens that services request for their people. */
import { Type } from 'typebox';
import { identifier, instant } from './text.ts';

const longestTtlSeconds = 30 * 24 * 3600;

export const tokenRequest = Type.Object(
  {
    userId: identifier(),
    role: Type.Enum(['member', 'admin'], { default: 'member' }),
    ttlSeconds: Type.Integer({ minimum: 1, maximum: longestTtlSeconds, default: 3600 }),
  },
  { additionalProperties: false },
);

export const issuedToken = Type.Object(
  {
    token: Type.String({ description: 'a JWT, for `Authorization: Bearer`' }),
    expiresAt: instant('by the machine’s time'),
  },
  { description: 'The token, which is shown only here.' },
);
