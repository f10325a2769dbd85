/** The first reference: a Fastify route without any work. Prints its URL on standard output. */
import Fastify from 'fastify';

const app = Fastify();
app.post('/', (_request, reply) => reply.code(202).send({ accepted: 1, duplicates: 0, rejected: [] }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${JSON.stringify({ url })}\n`);
