/** Every refusal: a coded answer, nothing stored, counted and logged. */
import { expect, it } from 'vitest';
import { fromBase64, toBase64, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { envelopeDigest, keyId } from '../../shared/envelope.ts';
import { type ErrorCode, errorCatalogue } from '../../shared/errors.ts';
import { refusalSchema } from '../../shared/report.ts';
import { startCollector, type TestCollector } from '../support/collector.ts';
import {
  type BuiltReport,
  envelopeOf,
  newSigner,
  post,
  type Reply,
  result,
  type TestHost,
} from '../support/host.ts';

interface Scene {
  readonly collector: TestCollector;
  readonly host: TestHost;
  /** A report of `host` that would be accepted. */
  readonly built: BuiltReport;
}

interface Attack {
  readonly title: string;
  /** What the answer says; `counted` where the count says more than the answer may. */
  readonly code: ErrorCode;
  readonly counted?: ErrorCode;
  /** The host had proven to be itself, so the count names it. */
  readonly proven: boolean;
  readonly send: (scene: Scene) => Promise<Reply>;
}

const send = ({ collector }: Scene, body: unknown, headers = {}) =>
  post(
    collector.endpoint,
    '/v1/reports',
    typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    headers,
  );

/** The report with another payload under the old signature. */
function tampered({ built }: Scene, change: (statement: BuiltReport['statement']) => unknown) {
  const { envelope, document } = built.submission;
  const payload = toBase64(utf8(canonicalJson(change(structuredClone(built.statement)))));
  return { envelope: { ...envelope, payload }, document };
}

/** The report with another statement, signed by the host itself. */
async function resigned(
  { host, built }: Scene,
  change: (statement: BuiltReport['statement']) => unknown,
  document = built.submission.document,
) {
  return { envelope: await envelopeOf(host.signer, change(structuredClone(built.statement))), document };
}

async function withPayload({ host, built }: Scene, payload: Uint8Array) {
  const { envelope, document } = built.submission;
  const header = utf8(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `);
  const sig = toBase64(await host.signer.sign(new Uint8Array([...header, ...payload])));
  return {
    envelope: {
      ...envelope,
      payload: toBase64(payload),
      signatures: [{ keyid: keyId(nodeCrypto, host.signer.publicKey), sig }],
    },
    document,
  };
}

const withDocument = async (scene: Scene, text: string) => {
  const digest = Buffer.from(nodeCrypto.sha256(utf8(text))).toString('hex');
  return resigned(
    scene,
    (statement) => ({ ...statement, subject: [{ name: 'results.json', digest: { sha256: digest } }] }),
    text,
  );
};

const documentOf = ({ built }: Scene) => JSON.parse(built.submission.document ?? '');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

const attacks: Attack[] = [
  {
    title: 'a tampered envelope',
    code: 'BAD_SIGNATURE',
    proven: false,
    send: (scene) =>
      send(
        scene,
        tampered(scene, (s) => ({ ...s, predicate: { ...s.predicate, agentVersion: '9' } })),
      ),
  },
  {
    title: 'a flipped bit in the signature',
    code: 'BAD_SIGNATURE',
    proven: false,
    send: (scene) => {
      const { envelope, document } = scene.built.submission;
      const [{ keyid, sig }] = envelope.signatures;
      const flipped = fromBase64(sig);
      flipped[5] = (flipped[5] ?? 0) ^ 1;
      return send(scene, {
        envelope: { ...envelope, signatures: [{ keyid, sig: toBase64(flipped) }] },
        document,
      });
    },
  },
  {
    title: 'a key that no host has, answered like a bad signature',
    code: 'BAD_SIGNATURE',
    counted: 'HOST_UNKNOWN',
    proven: false,
    send: async (scene) =>
      send(scene, {
        ...scene.built.submission,
        envelope: await envelopeOf(newSigner(), scene.built.statement),
      }),
  },
  {
    title: 'another key under the key id of the host',
    code: 'BAD_SIGNATURE',
    proven: false,
    send: async (scene) => {
      const forged = await envelopeOf(newSigner(), scene.built.statement);
      const [{ sig }] = forged.signatures;
      const [{ keyid }] = scene.built.submission.envelope.signatures;
      return send(scene, {
        ...scene.built.submission,
        envelope: { ...forged, signatures: [{ keyid, sig }] },
      });
    },
  },
  {
    title: "the id of another tenant's host",
    code: 'TENANT_MISMATCH',
    proven: true,
    send: async (scene) => {
      const other = await scene.collector.host('db-1', 'other');
      return send(
        scene,
        await resigned(scene, (s) => ({ ...s, predicate: { ...s.predicate, host: other.id } })),
      );
    },
  },
  {
    title: 'the id of no host, answered like that of another tenant',
    code: 'TENANT_MISMATCH',
    proven: true,
    send: async (scene) =>
      send(
        scene,
        await resigned(scene, (s) => ({ ...s, predicate: { ...s.predicate, host: `h-${'0'.repeat(32)}` } })),
      ),
  },
  {
    title: 'a retired host',
    code: 'HOST_RETIRED',
    proven: true,
    send: async (scene) => {
      await scene.collector.db
        .updateTable('hosts')
        .set({ retired_at: scene.collector.now().toISOString() })
        .execute();
      return send(scene, scene.built.submission);
    },
  },
  {
    title: 'a clock 301 seconds ahead',
    code: 'CLOCK_AHEAD',
    proven: true,
    send: async (scene) => {
      const { submission } = await scene.host.build({
        at: new Date(scene.collector.now().getTime() + 301_000),
      });
      return send(scene, submission);
    },
  },
  {
    title: 'a body of 5 MB',
    code: 'BODY_TOO_LARGE',
    proven: false,
    send: (scene) => send(scene, { ...scene.built.submission, document: 'x'.repeat(5_000_000) }),
  },
  {
    title: 'a body of 5 MB that does not say its length',
    code: 'BODY_TOO_LARGE',
    proven: false,
    send: (scene) =>
      send(scene, JSON.stringify({ document: 'x'.repeat(5_000_000) }), {
        'transfer-encoding': 'chunked',
      }),
  },
  {
    title: 'a document over its own limit',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => send(scene, { ...scene.built.submission, document: 'x'.repeat(2 * 1024 * 1024 + 1) }),
  },
  {
    title: 'a document over its limit in bytes alone',
    code: 'BODY_TOO_LARGE',
    proven: true,
    send: async (scene) => send(scene, await withDocument(scene, `"${'ä'.repeat(1_100_000)}"`)),
  },
  {
    title: 'deep nesting',
    code: 'TOO_DEEP',
    proven: false,
    send: (scene) => send(scene, `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  },
  {
    title: 'deep nesting inside the document',
    code: 'TOO_DEEP',
    proven: true,
    send: async (scene) => send(scene, await withDocument(scene, '{"a":'.repeat(50_000))),
  },
  {
    title: 'invalid UTF-8',
    code: 'INVALID_UTF8',
    proven: false,
    send: (scene) => send(scene, bytes('{"envelope":"\xff\xfe"}')),
  },
  {
    title: 'invalid UTF-8 inside the signed payload',
    code: 'INVALID_UTF8',
    proven: true,
    send: async (scene) => send(scene, await withPayload(scene, bytes('{"a":"\xc3\x28"}'))),
  },
  {
    title: 'no JSON',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => send(scene, '{"envelope":'),
  },
  {
    title: 'no body',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => send(scene, ''),
  },
  {
    title: 'another content type',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => send(scene, scene.built.submission, { 'content-type': 'text/plain' }),
  },
  {
    title: 'a prototype to set',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => send(scene, '{"\\u005f_proto__":{"admin":true},"envelope":{}}'),
  },
  {
    title: 'wrong types',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => send(scene, { envelope: [1, 2, 3], document: 7 }),
  },
  {
    title: 'a member too many',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => send(scene, { ...scene.built.submission, extra: 1 }),
  },
  {
    title: 'base64 with a second spelling',
    code: 'BODY_INVALID',
    proven: false,
    send: (scene) => {
      const { envelope, document } = scene.built.submission;
      return send(scene, { envelope: { ...envelope, payload: `${envelope.payload}\n` }, document });
    },
  },
  {
    title: 'a statement that is signed but not canonical',
    code: 'NOT_CANONICAL',
    proven: true,
    send: async (scene) =>
      send(scene, await withPayload(scene, utf8(JSON.stringify(scene.built.statement, null, 1)))),
  },
  {
    title: 'a statement of another type',
    code: 'STATEMENT_INVALID',
    proven: true,
    send: async (scene) => send(scene, await resigned(scene, (s) => ({ ...s, predicateType: 'urn:other' }))),
  },
  {
    title: 'counts that the document does not bear out',
    code: 'STATEMENT_INVALID',
    proven: true,
    send: async (scene) =>
      send(
        scene,
        await resigned(scene, (s) => ({
          ...s,
          predicate: { ...s.predicate, counts: { ...s.predicate.counts, fail: 0, pass: 2 } },
        })),
      ),
  },
  {
    title: 'a document other than the one named',
    code: 'DIGEST_MISMATCH',
    proven: true,
    send: (scene) =>
      send(scene, {
        ...scene.built.submission,
        document: scene.built.submission.document?.replace('"fail"', '"pass"'),
      }),
  },
  {
    title: 'a document that is not canonical',
    code: 'NOT_CANONICAL',
    proven: true,
    send: async (scene) => send(scene, await withDocument(scene, `${scene.built.submission.document} `)),
  },
  {
    title: 'a document with an outcome that does not exist',
    code: 'DOCUMENT_INVALID',
    proven: true,
    send: async (scene) => {
      const document = documentOf(scene);
      document.results[0].outcome = 'good';
      return send(scene, await withDocument(scene, canonicalJson(document)));
    },
  },
  {
    title: 'a document with a huge string',
    code: 'DOCUMENT_INVALID',
    proven: true,
    send: async (scene) => {
      const document = documentOf(scene);
      document.host.hostname = 'x'.repeat(1_000_000);
      return send(scene, await withDocument(scene, canonicalJson(document)));
    },
  },
  {
    title: 'a document that answers one check twice',
    code: 'DOCUMENT_INVALID',
    proven: true,
    send: async (scene) => {
      const document = documentOf(scene);
      document.results = [result('login.banner', 'pass'), result('login.banner', 'fail')];
      return send(scene, await withDocument(scene, canonicalJson(document)));
    },
  },
  {
    title: 'a document that sets a prototype',
    code: 'DOCUMENT_INVALID',
    proven: true,
    send: async (scene) =>
      send(
        scene,
        await withDocument(
          scene,
          '{"__proto__":{"a":1},"format":"nachweis.results/1","host":{},"results":[]}',
        ),
      ),
  },
];

it.each(attacks)('$title: $code', async (attack) => {
  const { code, counted = code, proven } = attack;
  const collector = await startCollector();
  const host = await collector.host('web-1');
  const built = await host.build({
    at: collector.now(),
    results: { 'login.empty-password': 'pass', 'patch.index-fresh': 'fail' },
  });
  const scene = { collector, host, built };

  const reply = await attack.send(scene);
  const { error } = refusalSchema.parse(reply.body);
  expect(error.code, reply.text).toBe(code);
  expect(reply.status).toBe(errorCatalogue[code].status);
  expect(error.action).toBe(errorCatalogue[code].action);
  expect(reply.text).not.toMatch(/\bat .*\.ts:\d+|node_modules/);

  for (const table of ['reports', 'documents', 'log_leaves', 'results', 'transitions'] as const)
    expect(await collector.db.selectFrom(table).selectAll().execute(), table).toEqual([]);
  await collector.app.stop();
  expect(await collector.db.selectFrom('refusals').select(['code', 'host_id', 'count']).execute()).toEqual([
    { code: counted, host_id: proven ? host.id : '', count: 1 },
  ]);
  expect(collector.logLines).toContainEqual(
    expect.objectContaining({ msg: 'refused', code: counted, path: '/v1/reports' }),
  );
});

it('a replay with other bytes under a used number', async () => {
  const collector = await startCollector();
  const host = await collector.host('web-1');
  const first = await host.build({ at: collector.now(), results: { 'login.banner': 'fail' } });
  await post(collector.endpoint, '/v1/reports', JSON.stringify(first.submission));
  const second = await host.build({ at: collector.now(), results: { 'login.banner': 'pass' } });
  expect(envelopeDigest(nodeCrypto, second.submission.envelope)).not.toBe(first.digest);
  const reply = await post(collector.endpoint, '/v1/reports', JSON.stringify(second.submission));
  expect(reply.body.error.code).toBe('SEQUENCE_REUSED');
  expect(await collector.db.selectFrom('results').select('outcome').execute()).toEqual([{ outcome: 'fail' }]);
  expect(await collector.db.selectFrom('log_leaves').selectAll().execute()).toHaveLength(1);
});

it('one report that breaks the code takes no other down with it, and its error shows no inside', async () => {
  const collector = await startCollector();
  const hosts = [await collector.host('web-1'), await collector.host('web-2'), await collector.host('web-3')];
  // A row that should not be able to exist: the machine facts of one host can't be read.
  await collector.db
    .updateTable('hosts')
    .set({ machine: '{' })
    .where('id', '=', hosts[1]?.id ?? '')
    .execute();
  const replies = await Promise.all(
    hosts.map((host) =>
      host.report(collector.endpoint, { at: collector.now(), predicate: { rollback: { from: 0, to: 1 } } }),
    ),
  );
  expect(replies.map(({ status }) => status)).toEqual([200, 500, 200]);
  const { error } = refusalSchema.parse(replies[1]?.body);
  expect(error).toMatchObject({ code: 'INTERNAL', action: 'retry' });
  const logged = collector.logLines.find(({ msg }) => msg === 'internal error');
  expect(error.message).toContain(String(logged?.id));
  expect(JSON.stringify(logged)).toContain('SyntaxError');
  expect(replies[1]?.text).not.toContain('JSON');
});
