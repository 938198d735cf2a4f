/**
 * Connections to one address of the collector, direct or through a proxy.
 *
 * Inside a proxy's tunnel TLS is spoken with the collector itself, and the same authorities count as without one. The
 * proxy's own certificate, where it is reached by https, is judged by the system's authorities or by the file that
 * agent.yaml names, never by the collector's.
 */
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { ProxyProblem } from './problem.ts';
import type { WebProxy } from './proxy.ts';

export interface DispatcherOptions {
  /** PEM; undefined: whoever answers is taken, for the question that needs no trust. */
  readonly authorities: readonly string[] | undefined;
  readonly proxy: WebProxy | undefined;
  /** PEM of the authority of an https proxy; undefined: the system's. */
  readonly proxyAuthority: string | undefined;
  readonly connectMs: number;
}

export function dispatcherFor(options: DispatcherOptions): Dispatcher {
  const { authorities, proxy, proxyAuthority, connectMs } = options;
  const tls = authorities
    ? // The authorities of the bundle replace the system's: no public authority can speak for this collector.
      { ca: [...authorities], minVersion: 'TLSv1.2' as const, timeout: connectMs }
    : { rejectUnauthorized: false, timeout: connectMs };
  if (!proxy) return new Agent({ connect: tls, connections: 1, pipelining: 1 });
  const { username, password, href } = proxy.url;
  const bare = new URL(href);
  bare.username = '';
  bare.password = '';
  return new ProxyAgent({
    uri: bare.href,
    ...(username ? { token: basic(username, password) } : {}),
    requestTls: tls,
    proxyTls: { timeout: connectMs, ...(proxyAuthority ? { ca: proxyAuthority } : {}) },
    connections: 1,
    clientFactory: (origin, settings) => new Tunnels(origin, settings, connectMs),
  });
}

/** RFC 7617; undici alone leaves out a name without a password. */
const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${decodeURIComponent(name)}:${decodeURIComponent(password)}`).toString('base64')}`;

/** What goes wrong before there is a tunnel is the proxy's trouble, and is marked as such. */
class Tunnels extends Pool {
  constructor(origin: URL, settings: object, connectMs: number) {
    super(origin, { ...settings, headersTimeout: connectMs, connections: 1 });
  }

  // biome-ignore lint/suspicious/noExplicitAny: overloads of Dispatcher.connect
  override async connect(options: any): Promise<any> {
    let data: Dispatcher.ConnectData;
    try {
      data = await super.connect(options);
    } catch (error) {
      throw new ProxyProblem(error);
    }
    if (data.statusCode === 200) return data;
    data.socket.on('error', () => undefined).destroy();
    throw new ProxyProblem(new Error(`the proxy answered (${data.statusCode})`));
  }
}
