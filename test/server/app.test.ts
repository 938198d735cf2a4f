/** Both listeners: who is answered where, with which headers, and what stays closed. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, it } from 'vitest';
import { refusalSchema } from '../../shared/report.ts';
import { startCollector } from '../support/collector.ts';
import { codeOf, get, post, type Reply } from '../support/host.ts';

/** fetch does not let a Host header be set. */
function plain(url: string, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    httpRequest(new URL(path, url), { headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => {
        const json = /json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: json ? JSON.parse(text) : undefined,
        });
      });
    })
      .on('error', reject)
      .end();
  });
}

it('the loopback listener answers to names of this machine only', async () => {
  const { dashboardUrl } = await startCollector();
  const { port } = new URL(dashboardUrl);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `LOCALHOST:${port}`])
    expect((await plain(dashboardUrl, '/healthz', { host })).status, host).toBe(200);
  const strangers = [
    `rebound.example.org:${port}`,
    'localhost',
    'localhost:1',
    `localhost.example.org:${port}`,
    `127.0.0.1.example.org:${port}`,
    `[::2]:${port}`,
  ];
  for (const host of strangers) {
    const reply = await plain(dashboardUrl, '/healthz', { host });
    expect(reply.status, host).toBe(421);
    expect(codeOf(reply)).toBe('HOST_HEADER_REFUSED');
  }
  // HTTP/1.0 needs no Host header.
  const bare = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.end('GET /healthz HTTP/1.0\r\n\r\n'));
    let text = '';
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('close', () => resolve(text));
  });
  expect(bare).toMatch(/^HTTP\/1\.1 421 /);
  // Before anything else, whatever the address.
  const unknown = await plain(dashboardUrl, '/no/such', { host: 'rebound.example.org' });
  expect(codeOf(unknown)).toBe('HOST_HEADER_REFUSED');
});

it('agents are not served on plain http', async () => {
  const { dashboardUrl } = await startCollector();
  expect((await plain(dashboardUrl, '/v1/trust')).status).toBe(404);
  for (const path of ['/v1/reports', '/v1/enrol']) {
    const reply = await fetch(new URL(path, dashboardUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(reply.status).toBe(404);
    expect(refusalSchema.parse(await reply.json()).error.code).toBe('NOT_FOUND');
  }
});

it('every answer allows no inline code and no framing', async () => {
  const { endpoint, dashboardUrl } = await startCollector();
  for (const reply of [
    await get(endpoint, '/healthz'),
    await get(endpoint, '/v1/none'),
    await plain(dashboardUrl, '/healthz'),
  ]) {
    const policy = String(reply.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    // It would hold for the plain-http port of the same name too.
    expect(reply.headers['strict-transport-security']).toBeUndefined();
  }
});

it('health says what it knows', async () => {
  const { endpoint, db } = await startCollector();
  expect((await get(endpoint, '/healthz')).body).toEqual({ status: 'ok' });
  expect((await get(endpoint, '/readyz')).body).toEqual({ status: 'ok' });
  await db.schema.dropTable('meta').execute();
  const reply = await get(endpoint, '/readyz');
  expect(reply.status).toBe(503);
  expect(codeOf(reply)).toBe('STORE_UNAVAILABLE');
});

it('metrics count, name nobody, and are on loopback unless there is a token', async () => {
  const collector = await startCollector();
  const host = await collector.host('secret-name', 'secret-tenant');
  await collector.host('web-2');
  await host.report(collector.endpoint, {
    at: collector.now(),
    results: { 'login.empty-password': 'fail', 'login.banner': 'pass' },
  });
  await post(collector.endpoint, '/v1/reports', '[');
  const { text } = await plain(collector.dashboardUrl, '/metrics');
  for (const line of [
    'nachweis_hosts{state="fresh"} 1',
    'nachweis_hosts{state="never"} 1',
    'nachweis_results{check="login.empty-password",outcome="fail"} 1',
    'nachweis_refusals{code="BODY_INVALID"} 1',
    'nachweis_log_leaves 1',
    'nachweis_alerts_open{severity="high"} 1',
    'nachweis_outbox_waiting 0',
  ])
    expect(text).toContain(line);
  expect(text).toMatch(/^nachweis_clauses\{clause="I\.2\.1\/login-required",status="unproven"\} \d+$/m);
  expect(text).not.toMatch(/secret|h-[0-9a-f]{32}|web-2/);
  expect((await get(collector.endpoint, '/metrics')).status).toBe(404);
  collector.setTime(4 * 3600);
  const later = await plain(collector.dashboardUrl, '/metrics');
  expect(later.text).toContain('nachweis_hosts{state="stale"} 1');
});

it('metrics over HTTPS need their token', async () => {
  const token = 'a-token-of-some-length';
  const { endpoint } = await startCollector({ config: { metrics: { token } } });
  expect((await get(endpoint, '/metrics')).status).toBe(404);
  expect((await get(endpoint, '/metrics', { authorization: 'Bearer wrong' })).status).toBe(404);
  expect((await get(endpoint, '/metrics', { authorization: `Bearer ${token}` })).status).toBe(200);
});

it('the OpenAPI document covers every route, on both listeners', async () => {
  const { endpoint, dashboardUrl } = await startCollector();
  const { body } = await get(endpoint, '/api/openapi.json');
  expect(body.openapi).toMatch(/^3\.1/);
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining(['/v1/trust', '/v1/enrol', '/v1/reports', '/healthz', '/readyz', '/api/session']),
  );
  const report = body.paths['/v1/reports'].post;
  expect(JSON.stringify(report.requestBody)).toContain('application/vnd.in-toto+json');
  expect(report.responses['200']).toBeDefined();
  expect((await plain(dashboardUrl, '/api/openapi.json')).body).toEqual(body);
});

it('errors speak the language that is asked for', async () => {
  const { endpoint } = await startCollector();
  const german = await get(endpoint, '/v1/none', { 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' });
  expect(german.body.error.message).toBe('Unter dieser Adresse ist nichts.');
  const english = await get(endpoint, '/v1/none', { 'accept-language': 'en,de;q=0.5' });
  expect(english.body.error.message).toBe('There is nothing at this address.');
});

it('old TLS is refused', async () => {
  const { endpoint } = await startCollector();
  const { port } = new URL(endpoint.url);
  const outcome = await new Promise<string>((resolve) => {
    const socket = connectTls(
      {
        port: Number(port),
        host: '127.0.0.1',
        ca: [...endpoint.authorities],
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
        ciphers: 'ALL@SECLEVEL=0',
      },
      () => resolve('connected'),
    );
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  expect(outcome).toMatch(/PROTOCOL|VERSION|ALERT/);
});
