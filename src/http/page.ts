/**
 * Pages that a link in a message opens without signing in: one text, and perhaps a button that posts to the page's own
 * address. Their texts are fixed and contain nothing of the request. Link scanners may open them, so only the button
 * changes something.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { notFound } from './errors/problem.ts';

/** `button`: its label. `field`: what the form posts. The texts are trusted. */
type Page = { title: string; text: string; button?: string; field?: { name: string; value: string } };

const style = `
  :root { color-scheme: light dark; }
  body { margin: 0; font: 1.0625rem/1.6 system-ui, sans-serif; color: light-dark(#1b2430, #e6eaf0);
    background: light-dark(#f4f6f8, #11161d); }
  main { box-sizing: border-box; width: min(34rem, 100% - 2rem); margin: 12vh auto 2rem; padding: 2rem;
    border: 1px solid light-dark(#d9dfe6, #2b3440); border-radius: 0.75rem;
    background: light-dark(#ffffff, #1a212a); }
  .from { margin: 0; font-size: 0.9375rem; color: light-dark(#566171, #9aa7b6); }
  h1 { margin: 0.25rem 0 0.75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
  p { margin: 0; text-wrap: pretty; }
  button { margin-top: 1.5rem; padding: 0.625rem 1.25rem; border: 0; border-radius: 0.5rem; font: inherit;
    font-weight: 600; color: #ffffff; background: #1d5fc4; cursor: pointer; }
  button:hover { background: #184fa4; }
  button:focus-visible { outline: 3px solid light-dark(#1b2430, #e6eaf0); outline-offset: 2px; }
  @media (max-width: 30rem) { main { margin-top: 1rem; padding: 1.5rem; } button { width: 100%; } }
`;

/** The value of `content-security-policy`. It allows this style and a form to the same origin only. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export const renderPage = ({ title, text, button, field }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Spendwatch</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="from">Spendwatch</p>
<h1>${title}</h1>
<p>${text}</p>
${button ? `<form method="post">${field ? `<input type="hidden" name="${field.name}" value="${field.value}">` : ''}<button>${button}</button></form>` : ''}
</main>
</body>
</html>
`;

/** The bodies that browsers and mail programs post have about 200 bytes. */
export const pageBodyLimitBytes = 4096;

/** For the routes that `app` gets from now on. Bodies are ignored: the POST itself is enough, and programs differ in the rest. */
export function servePages(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
  app.addHook('onRequest', async (_request, reply) => {
    reply
      .header('content-security-policy', policy)
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store');
  });
}

export const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(page);

/** For a link that is nobody's. Programs get a problem document, as on all other routes. */
export function sendUnknownLink(request: FastifyRequest, reply: FastifyReply, page: string): FastifyReply {
  if (!request.headers.accept?.includes('text/html')) throw notFound();
  return sendPage(reply.code(404), page);
}

/** For a route's `schema`. */
export const linkParams = Type.Object({
  token: Type.String({ description: 'the token of the message’s link; it is the only credential' }),
});

/** For a route's `schema.response`. */
export const pageResponse = (description: string) => ({
  description,
  content: { 'text/html': { schema: Type.String() } },
});
