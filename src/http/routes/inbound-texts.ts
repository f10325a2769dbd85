/** The route for the SMS provider to pass on what people answer: STOP ends texts, START resumes them. */
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { readTextCommand } from '../../deliver/decide/inbound-text.ts';
import { switchTexts } from '../../settings/switch-texts.ts';
import {
  formMediaType,
  requireTexting,
  requireTwilio,
  type TextRequest,
} from '../auth/provider-signature.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { problems } from '../errors/problem.ts';
import { acceptRaw } from '../media-types.ts';

/** The provider itself has answered the person; there is nothing to add. */
const noReply = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

export function inboundTextRoutes(deps: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    acceptRaw(app, [formMediaType]);

    app.post<TextRequest>('/providers/sms/inbound', {
      onRequest: requireTexting(deps),
      preValidation: requireTwilio(deps),
      schema: postText,
      // The schema is for the reference only. Nothing is parsed before its signature is verified.
      validatorCompiler: () => () => true,
      handler: async ({ body, log }, reply) => {
        const form = new URLSearchParams(body?.toString() ?? '');
        const command = readTextCommand(form.get('Body') ?? '', form.get('OptOutType'));
        const phone = form.get('From') ?? '';
        const people = command && phone ? await switchTexts(deps.db, phone, command === 'start') : 0;
        log.info({ command, people }, 'somebody answered a text');
        return reply.type('text/xml; charset=utf-8').send(noReply);
      },
    });
  };
}

const postText = {
  tags: ['Providers'],
  security: [{ twilioSignature: [] }],
  operationId: 'receiveText',
  summary: 'Pass on a text that a person sent',
  description:
    'For the webhook “a message comes in” of a Twilio-compatible SMS provider, signed as its status callbacks are. STOP, UNSUBSCRIBE, CANCEL, END, QUIT and the like switch the channel `sms` off for everybody with that phone number; START, YES and UNSTOP switch it on. Any other text, and one from an unknown number, changes nothing. The answer is empty TwiML, as the provider itself confirms a STOP. Repeating the call is harmless.',
  consumes: [formMediaType],
  body: Type.Object(
    {
      From: Type.String({ description: 'the sender’s phone number' }),
      Body: Type.String({ description: 'what they wrote' }),
      OptOutType: Type.Optional(
        Type.String({ description: 'what the provider made of it: STOP, START or HELP' }),
      ),
    },
    { description: 'Twilio’s form; its other fields are ignored.' },
  ),
  response: {
    200: { description: 'Empty TwiML.', content: { 'text/xml': { schema: Type.String() } } },
    ...problems(401, 404, 413, 415),
  },
};
