/** Work that goes on after a request was answered. */
import { Type } from 'typebox';

export const jobParams = Type.Object({ jobId: Type.String() });

export const acceptedJob = Type.Object(
  { jobId: Type.String({ description: 'a UUID, for `GET /api/jobs/{jobId}`' }) },
  { description: 'The rates are stored. A job prices the expenses anew.' },
);

export const jobState = Type.Object(
  {
    state: Type.Union([Type.Literal('running'), Type.Literal('done')]),
    done: Type.Integer({ description: 'expenses that are priced anew' }),
    total: Type.Integer({ description: 'expenses to price anew' }),
  },
  { description: 'How far the job has come.' },
);
