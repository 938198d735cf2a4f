/** What the agent says of a way that does not work: each against a server on loopback that does exactly that. */
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connect, RefusedByCollector } from '../../../agent/collector.ts';
import { directly, type Network } from '../../../agent/network/settings.ts';
import type { TrustBundle } from '../../../shared/enrolment.ts';
import { CodedError, type ErrorCode } from '../../../shared/errors.ts';
import { answering, identity, listening, proxying } from './loopback.ts';

const DAY_MS = 86_400_000;
const SECRET = 'geheim-4711';

/** What asking at `origin` comes to. Shown whole in both languages, so that each can be looked at. */
async function problemAt(origin: string, trust: TrustBundle, network: Partial<Network> = {}) {
  const collector = connect(origin, trust, 'en', { network: { ...directly, connectMs: 2000, ...network } });
  try {
    await collector.send({} as never);
  } catch (error) {
    if (error instanceof RefusedByCollector) return 'answered';
    if (!(error instanceof CodedError)) throw error;
    for (const language of ['en', 'de'] as const) {
      const { message, next } = error.explain(language);
      expect(`${message} ${next}`).not.toMatch(/[{}\n]|undefined|geheim/);
      // A sentence that names who is meant, and another that says what to do.
      expect(message).toContain(error.code.startsWith('PROXY_') ? (error.details.proxy ?? '') : origin);
      expect(next.length).toBeGreaterThan(20);
    }
    return error.code;
  } finally {
    await collector.close();
  }
  return 'accepted';
}

const at = (port: number) => `https://127.0.0.1:${port}`;
const own = ['127.0.0.1'];

describe('a certificate', () => {
  const cases: [string, ErrorCode | 'answered', readonly string[], number][] = [
    ['that is in order', 'answered', own, 0],
    ['that has expired', 'COLLECTOR_CERT_EXPIRED', own, -100 * DAY_MS],
    ['that is not valid yet, since the clock is behind', 'COLLECTOR_CERT_EARLY', own, 3 * DAY_MS],
    ['for another name', 'COLLECTOR_CERT_NAME', ['collector.example.org'], 0],
  ];
  it.each(cases)('%s: %s', async (_what, code, names, made) => {
    const { trust, tls } = await identity();
    const { port, paths } = await answering(await tls(names, new Date(Date.now() + made)));
    expect(await problemAt(at(port), trust)).toBe(code);
    expect(paths).toEqual(code === 'answered' ? ['/v1/reports'] : []);
  });

  it('of another authority: COLLECTOR_UNTRUSTED, and nothing is sent', async () => {
    const { trust } = await identity();
    const other = await identity();
    const { port, paths } = await answering(await other.tls(own));
    expect(await problemAt(at(port), trust)).toBe('COLLECTOR_UNTRUSTED');
    expect(paths).toEqual([]);
  });

  it('of another authority that agent.yaml names as standing before the collector is taken', async () => {
    const { trust } = await identity();
    const front = await identity();
    const { port } = await answering(await front.tls(own));
    expect(await problemAt(at(port), trust, { frontAuthority: front.trust.authorities[0] })).toBe('answered');
  });
});

describe('something that is no collector', () => {
  it('speaks TLS with no cipher of ours: COLLECTOR_TLS_REFUSED', async () => {
    const { trust, tls } = await identity();
    const ciphers = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } as const;
    const { port } = await answering({ ...(await tls(own)), ...ciphers });
    expect(await problemAt(at(port), trust)).toBe('COLLECTOR_TLS_REFUSED');
  });

  it('speaks TLS of long ago: COLLECTOR_TLS_VERSION', async () => {
    const { trust, tls } = await identity();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const { port } = await answering({ ...(await tls(own)), ...old });
    expect(await problemAt(at(port), trust)).toBe('COLLECTOR_TLS_VERSION');
  });

  it('answers with plain http: COLLECTOR_NOT_TLS', async () => {
    const { trust } = await identity();
    const port = await listening(createHttp((_request, response) => response.end('hello')));
    expect(await problemAt(at(port), trust)).toBe('COLLECTOR_NOT_TLS');
  });

  it('resets the connection when it sees the name, as inspecting devices do: COLLECTOR_CUT_OFF', async () => {
    const { trust } = await identity();
    const port = await listening(
      createTcp((socket) => socket.once('data', () => socket.resetAndDestroy()).on('error', () => undefined)),
    );
    expect(await problemAt(at(port), trust)).toBe('COLLECTOR_CUT_OFF');
  });

  it('takes the connection and says nothing: COLLECTOR_TIMEOUT', async () => {
    const { trust } = await identity();
    const port = await listening(createTcp(() => undefined));
    expect(await problemAt(at(port), trust, { connectMs: 500 })).toBe('COLLECTOR_TIMEOUT');
  });

  it('is not there at all: COLLECTOR_UNREACHABLE, and its name: COLLECTOR_NAME_UNKNOWN', async () => {
    const { trust } = await identity();
    expect(await problemAt('https://127.0.0.1:1', trust)).toBe('COLLECTOR_UNREACHABLE');
    expect(await problemAt('https://collector.invalid', trust)).toBe('COLLECTOR_NAME_UNKNOWN');
  });
});

describe('a proxy', () => {
  const through = (port: number, user = ''): Partial<Network> => ({
    proxy: `http://${user}127.0.0.1:${port}`,
  });

  it('carries TLS with the collector itself, by a name that only the proxy can resolve', async () => {
    const { trust, tls } = await identity();
    const { port, paths } = await answering(await tls(['collector.example.org']));
    const proxy = await proxying();
    const origin = `https://collector.example.org:${port}`;
    expect(await problemAt(origin, trust, through(proxy.port))).toBe('answered');
    expect(proxy.asked).toEqual([{ target: `collector.example.org:${port}`, authorization: undefined }]);
    expect(paths).toEqual(['/v1/reports']);
    // One that opens the tunnel to itself, with an authority of its own, as TLS-inspecting ones do.
    const inspector = await identity();
    const between = await answering(await inspector.tls(['collector.example.org']));
    const there = `https://collector.example.org:${between.port}`;
    expect(await problemAt(there, trust, through(proxy.port))).toBe('COLLECTOR_UNTRUSTED');
    expect(between.paths).toEqual([]);
    const told = { ...through(proxy.port), frontAuthority: inspector.trust.authorities[0] };
    expect(await problemAt(there, trust, told)).toBe('answered');
  });

  it('gets name and password, and the collector does not', async () => {
    const { trust, tls } = await identity();
    const { port } = await answering(await tls(own));
    const wanted = `Basic ${Buffer.from(`anna:${SECRET}/`).toString('base64')}`;
    const proxy = await proxying({
      refuse: ({ headers }) => (headers['proxy-authorization'] === wanted ? undefined : 407),
    });
    expect(await problemAt(at(port), trust, through(proxy.port, `anna:${SECRET}%2F@`))).toBe('answered');
    expect(await problemAt(at(port), trust, through(proxy.port))).toBe('PROXY_AUTH');
    expect(await problemAt(at(port), trust, through(proxy.port, `anna:geheim-other@`))).toBe('PROXY_AUTH');
    expect(await problemAt(at(port), trust, through(proxy.port, 'anna@'))).toBe('PROXY_AUTH');
  });

  it('does not let it through, is not there, says nothing, or is no proxy', async () => {
    const { trust } = await identity();
    const strict = await proxying({ refuse: () => 403 });
    const silent = await proxying({ refuse: () => 'silence' });
    const web = await listening(createHttp((_request, response) => response.end('hello')));
    expect(await problemAt(at(1), trust, through(strict.port))).toBe('PROXY_REFUSED');
    expect(await problemAt(at(1), trust, through(1, `anna:${SECRET}@`))).toBe('PROXY_UNREACHABLE');
    expect(await problemAt(at(1), trust, { ...through(silent.port), connectMs: 500 })).toBe(
      'PROXY_UNREACHABLE',
    );
    expect(await problemAt(at(1), trust, through(web))).toBe('PROXY_UNREACHABLE');
    // It opens the tunnel, and the collector is not there: the proxy of the test drops the connection.
    expect(await problemAt(at(1), trust, through((await proxying()).port))).toBe('PROXY_UNREACHABLE');
  });

  it('is reached by https, with an authority that is not the collector’s', async () => {
    const { trust, tls } = await identity();
    const { port } = await answering(await tls(own));
    const outer = await identity();
    const proxy = await proxying({ tls: await outer.tls(own) });
    const network = { proxy: `https://anna:${SECRET}@127.0.0.1:${proxy.port}` };
    expect(await problemAt(at(port), trust, network)).toBe('PROXY_UNTRUSTED');
    expect(await problemAt(at(port), trust, { ...network, frontAuthority: outer.trust.authorities[0] })).toBe(
      'PROXY_UNTRUSTED',
    );
    const known = { ...network, proxyAuthority: outer.trust.authorities[0] };
    expect(await problemAt(at(port), trust, known)).toBe('answered');
    // The proxy's authority is not one for the collector.
    const between = await answering(await outer.tls(own));
    expect(await problemAt(at(between.port), trust, known)).toBe('COLLECTOR_UNTRUSTED');
  });
});
