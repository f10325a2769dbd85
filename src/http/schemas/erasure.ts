/** The answer to an erasure. */
import { Type } from 'typebox';

export const deletedRows = Type.Object(
  {
    deleted: Type.Record(Type.String(), Type.Integer({ minimum: 1 }), {
      description: 'the number of deleted rows, by table; a table that had none is left out',
      examples: [{ expenses: 240, notification_history: 12, users: 1 }],
    }),
  },
  { description: 'What was deleted.' },
);
