/** Categories of spending. */
import { Type } from 'typebox';
import { identifier, label, nullable } from './text.ts';

export const categoryParams = Type.Object({ categoryId: identifier() });

export const categoryChanges = Type.Object(
  {
    name: Type.Optional(nullable(label(200))),
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

/** As its people see it. */
export const ownCategorySchema = Type.Object({
  id: Type.String({ examples: ['groceries'] }),
  name: nullable(Type.String({ description: 'null: it has none, and its id stands for it' })),
});
