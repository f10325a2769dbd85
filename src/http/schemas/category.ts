/** Categories of spending. */
import { Type } from 'typebox';
import { identifier, nullable } from './text.ts';

export const categoryParams = Type.Object({ categoryId: identifier() });

const label = (description: string) =>
  Type.Optional(
    nullable(Type.String({ pattern: String.raw`^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,200}$`, description })),
  );

export const categoryChanges = Type.Object(
  {
    name: label('1 to 200 printable characters'),
    benchmarkKey: Type.Optional(nullable(identifier())),
  },
  { additionalProperties: false, description: 'Any subset; null clears a field.' },
);

export const categorySchema = Type.Object(
  {
    id: Type.String(),
    name: nullable(Type.String()),
    benchmarkKey: nullable(
      Type.String({ description: 'categories with the same key are compared as one; null: its own id' }),
    ),
  },
  { description: 'The category.' },
);
