/** Routes for people to read and change their name, addresses and locale. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { readUser } from '../../../accounts/people.ts';
import { addressConfirmations } from '../../../deliver/confirmations/queue.ts';
import { linkUrlOf } from '../../../runtime/config/link-url.ts';
import { putUser } from '../../../settings/put-user.ts';
import type { PersonRef } from '../../../values/refs.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { notFound, problems } from '../../errors/problem.ts';
import { meChanges, meSchema, meView } from '../../schemas/me.ts';
import { usualNames } from '../../schemas/user.ts';

const tags = ['Personal data'];
const security = [{ userToken: [] }];

type Changes = Static<typeof meChanges>;

export const meRoutes =
  (deps: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get('/me', { schema: getMe, handler: ({ person }) => view(deps, person) });

    app.put<{ Body: Changes }>('/me', {
      schema: putMe,
      handler: async (request) => {
        await change(deps, request, request.body);
        return view(deps, request.person);
      },
    });
  };

async function view({ db }: HttpDependencies, person: PersonRef) {
  const user = await db.transaction([person.tenantId], (sql) => readUser(sql, person));
  if (!user) throw notFound();
  return { data: meView(user) };
}

/** Without a change of time zone nothing is evaluated. */
async function change(
  { db, clock, config, queues }: HttpDependencies,
  { person, ip, id }: FastifyRequest,
  { locale, ...others }: Changes,
): Promise<void> {
  const changes = { ...others, ...usualNames({ locale }) };
  const { confirmations } = await putUser(db, person, changes, clock.now(), {
    asker: { actor: 'the person', address: ip },
    confirmation: { mustConfirm: true, linkUrl: linkUrlOf(config), monthlyLimits: config.monthlyLimits },
  });
  await queues.enqueue(
    addressConfirmations,
    confirmations.map((asked) => ({ ...asked, correlationId: id })),
  );
}

const getMe = {
  tags,
  security,
  operationId: 'getMe',
  summary: 'Read oneself',
  description: 'The name, the addresses in use and the locale, and addresses that are not confirmed yet.',
  response: {
    200: Type.Object({ data: meSchema }, { description: 'The person.' }),
    ...problems(401, 404, 429),
  },
};

const putMe = {
  tags,
  security,
  operationId: 'updateMe',
  summary: 'Change one’s name, addresses or locale',
  description:
    'A new email address or phone number is in `unconfirmed` until the person opens the link sent to it and confirms, whatever the tenant’s setting; until then the one before stays in use. The address in use withdraws one that waits, and null removes both. 409: the link cannot be sent. 429: too many were sent, at most one an hour for an address and five a day for a person and channel.',
  body: meChanges,
  response: {
    200: Type.Object({ data: meSchema }, { description: 'The person afterwards.' }),
    ...problems(400, 401, 404, 409, 429),
  },
};
