/**
 * A collector that has the right keys and is evil: a TLS server that writes whatever bytes a test wants, and policies
 * that are really signed.
 */
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { openCollectorKeys } from '../../server/tls/collector-keys.ts';
import { fromBase64, fromUtf8, toBase64, toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { formatEnrolmentString } from '../../shared/enrolment.ts';
import { keyId, pae } from '../../shared/envelope.ts';
import { POLICY_TYPE } from '../../shared/policy.ts';
import { temporaryDirectory } from '../support/database.ts';
import { listening } from './network/loopback.ts';

export const HOST = `h-${'a'.repeat(32)}`;

export interface Asked {
  readonly path: string;
  readonly body: string;
}

/** Writes to the socket what it likes; what it returns is written as one answer with status 200. */
export type Evil = (asked: Asked, socket: TLSSocket) => unknown;

export interface EvilCollector {
  readonly origin: string;
  readonly string: string;
  readonly asked: Asked[];
  /** How it behaves from now on, by path; what is left out is answered as a good one would. */
  behave(by: Readonly<Record<string, Evil>>): void;
  /** Anything, signed with the policy key. */
  policy(value: unknown): Promise<unknown>;
}

export const answer = (body: string, head = '', status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** The receipt of the report in a request, as a good collector gives it. */
export function receiptFor(body: string): string {
  const { envelope } = JSON.parse(body);
  const { predicate } = JSON.parse(fromUtf8(fromBase64(envelope.payload)));
  return JSON.stringify({
    host: predicate.host,
    sequence: predicate.sequence,
    envelopeDigest: toHex(nodeCrypto.sha256(utf8(canonicalJson(envelope)))),
    receivedAt: new Date().toISOString(),
    log: { epoch: 0, index: predicate.sequence, leaf: '0'.repeat(64) },
  });
}

export async function evilCollector(): Promise<EvilCollector> {
  const keys = await openCollectorKeys(join(temporaryDirectory(), 'keys'), new Date());
  const asked: Asked[] = [];
  let behaviour: Readonly<Record<string, Evil>> = {};
  const good: Record<string, Evil> = {
    '/v1/trust': () => JSON.stringify(keys.trust),
    '/v1/enrol': () =>
      JSON.stringify({ host: HOST, tenant: 'example', name: 'web1', enrolledAt: '2026-06-01T08:00:00.000Z' }),
    '/v1/reports': ({ body }) => receiptFor(body),
    '/v1/policy': () => JSON.stringify({ policy: null }),
  };
  const server = createServer(await keys.serverCertificate([], new Date()), (socket) => {
    let read = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      for (;;) {
        const head = read.indexOf('\r\n\r\n');
        if (head < 0) return;
        const text = read.subarray(0, head).toString('latin1');
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        if (read.length < head + 4 + length) return;
        const one = {
          path: / (\S+) /.exec(text)?.[1] ?? '',
          body: read.subarray(head + 4, head + 4 + length).toString('utf8'),
        };
        read = read.subarray(head + 4 + length);
        asked.push(one);
        void Promise.resolve((behaviour[one.path] ?? good[one.path])?.(one, socket)).then((said) => {
          if (typeof said === 'string') socket.write(said.startsWith('HTTP/') ? said : answer(said));
        });
      }
    });
  });
  const origin = `https://127.0.0.1:${await listening(server)}`;
  const string = formatEnrolmentString({
    addresses: [origin],
    token: 'A'.repeat(32),
    fingerprint: keys.fingerprint,
  });
  return {
    origin,
    string,
    asked,
    behave: (by) => {
      behaviour = by;
    },
    async policy(value) {
      // Not by canonicalJson: it would refuse what a hostile document holds.
      const payload = utf8(typeof value === 'string' ? value : JSON.stringify(value));
      const sig = toBase64(await keys.policySigner.sign(pae(POLICY_TYPE, payload)));
      const keyid = keyId(nodeCrypto, keys.policySigner.publicKey);
      return { payloadType: POLICY_TYPE, payload: toBase64(payload), signatures: [{ keyid, sig }] };
    },
  };
}
