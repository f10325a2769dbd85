/** The route for people to read their spending profile. */
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { readProfile } from '../../insight/profiles/read-profile.ts';
import { readTenant } from '../../accounts/tenants.ts';
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
  operationId: 'getProfile',
  summary: 'Read one’s spending profile',
  description:
    'Figures of each category from the complete months among the last six, in the person’s time zone. Months count from the first expense of the category, including months without spending. The month of that first expense counts only if it lies on the first day. Expenses without an exchange rate are left out. An expense shows here some seconds after it was applied.',
  response: {
    200: Type.Object({ data: profileSchema }, { description: 'The profile.' }),
    ...problems(401, 404, 429),
  },
};
