/** People see what they usually spend. */
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { readProfile } from '../../insight/profiles/read-profile.ts';
import { readTenant } from '../../accounts/read-tenant.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, problems } from '../errors/problem.ts';
import { profileSchema, profileView } from '../schemas/profile.ts';

export function profileRoutes({ db }: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    app.get('/profile', {
      schema: getProfile,
      handler: ({ person }) =>
        db.transaction([person.tenantId], async (sql) => {
          const tenant = await readTenant(sql, person.tenantId);
          if (!tenant) throw notFound();
          return { data: profileView(await readProfile(sql, person), tenant.currency) };
        }),
    });
  };
}

const getProfile = {
  tags: ['Recommendations'],
  security: [{ userToken: [] }],
  summary: 'Read one’s spending profile',
  description:
    'What each category comes to, by the complete months of the last six, in the person’s time zone. A month counts from the first expense of its category on (that one’s own month only if it lies on the first day), also where nothing was spent in it. Expenses without a rate of exchange are left out. An expense shows here some seconds after it was applied.',
  response: {
    200: Type.Object({ data: profileSchema }, { description: 'The profile.' }),
    ...problems(401, 404, 429),
  },
};
