/** What the plain-http listener asks of a request before anything else. */
import type { FastifyInstance } from 'fastify';
import { CodedError } from '../shared/errors.ts';

/**
 * Answers only to names of this machine. Any web page can make a browser here connect to 127.0.0.1 under a name of
 * its own (DNS rebinding), and would then be the "same origin" as the dashboard; the Host header gives it away.
 */
export function allowLoopbackNames(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const port = request.socket.localPort;
    const names = ['localhost', '127.0.0.1', '[::1]'].flatMap((name) =>
      port === 80 ? [name, `${name}:80`] : [`${name}:${port}`],
    );
    if (!names.includes((request.headers.host ?? '').toLowerCase()))
      throw new CodedError('HOST_HEADER_REFUSED');
  });
}
