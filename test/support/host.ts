/**
 * A host as the collector meets it: a key, an enrolment, signed reports. It talks real HTTPS and knows nothing of
 * the agent's code, so that both sides are held to the formats in shared/.
 */
import { generateKeyPairSync } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import type { AccessMatrix } from '../../shared/access-matrix.ts';
import { toBase64, toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import type { Signer } from '../../shared/crypto.ts';
import { nodeCrypto, pemSigner } from '../../shared/crypto-node.ts';
import { type EnrolRequest, enrolSignedBytes } from '../../shared/enrolment.ts';
import { type Envelope, envelopeDigest, signEnvelope } from '../../shared/envelope.ts';
import type { Outcome, Result } from '../../shared/outcome.ts';
import {
  type Machine,
  PREDICATE_TYPE,
  type Refusal,
  type ResultsDocument,
  STATEMENT_TYPE,
  type Statement,
  type Submission,
} from '../../shared/report.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came back
  readonly body: any;
}

/** Where a collector listens, and whom to trust there. */
export interface Endpoint {
  readonly url: string;
  readonly authorities: readonly string[];
}

export function newSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  return pemSigner(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
}

export function machine(hostname: string, more: Partial<Machine> = {}): Machine {
  return {
    hostname,
    os: { id: 'debian', version: '13', name: 'Debian GNU/Linux 13', like: [] },
    kernel: '6.12.0-amd64',
    arch: 'x64',
    kind: 'vm',
    virtualization: 'kvm',
    machineId: toHex(nodeCrypto.sha256(utf8(hostname))).slice(0, 32),
    disks: [{ name: 'vda', serial: `serial-${hostname}`, model: 'QEMU', bytes: 10_737_418_240 }],
    ...more,
  };
}

/** A plausible result of `check`. */
export function result(check: string, outcome: Outcome, more: Partial<Result> = {}): Result {
  return {
    check,
    outcome,
    severity: 'high',
    ...(outcome === 'unknown' ? { reason: { de: 'nicht lesbar', en: 'not readable' } } : {}),
    evidence: [{ source: `/etc/${check}`, found: outcome === 'pass' ? 'no' : 'yes', wanted: 'no' }],
    ...more,
  };
}

export interface ReportOptions {
  /** Outcome by check id, or whole results. */
  readonly results?: Readonly<Record<string, Outcome>> | readonly Result[];
  readonly at?: Date;
  readonly machine?: Machine;
  readonly access?: AccessMatrix;
  /** Send the envelope alone. */
  readonly withoutDocument?: boolean;
  /** Changes to the predicate before it is signed. */
  readonly predicate?: Partial<Statement['predicate']>;
}

export interface BuiltReport {
  readonly submission: Submission;
  readonly statement: Statement;
  readonly digest: string;
}

export class TestHost {
  readonly name: string;
  readonly signer: Signer;
  id = '';
  tenant = '';
  sequence = 0;
  previous: string | null = null;
  intervalSeconds = 3600;

  constructor(name: string, signer: Signer = newSigner()) {
    this.name = name;
    this.signer = signer;
  }

  async enrolBody(token: string, at: Date, changes: Partial<EnrolRequest> = {}) {
    const request: EnrolRequest = {
      format: 'nachweis.enrol/1',
      token,
      publicKey: toBase64(this.signer.publicKey),
      hostname: this.name,
      machine: machine(this.name),
      intervalSeconds: this.intervalSeconds,
      at: at.toISOString(),
      ...changes,
    };
    return { request, signature: toBase64(await this.signer.sign(enrolSignedBytes(request))) };
  }

  /** Enrols, and remembers the id that it gets. */
  async enrol(endpoint: Endpoint, token: string, at: Date): Promise<Reply> {
    const reply = await post(endpoint, '/v1/enrol', JSON.stringify(await this.enrolBody(token, at)));
    if (reply.status === 201) {
      this.id = reply.body.host;
      this.tenant = reply.body.tenant;
    }
    return reply;
  }

  /** The next report, signed; the host goes on behind it once `accepted` is called. */
  async build(options: ReportOptions = {}): Promise<BuiltReport> {
    const document = documentOf(options, this.name);
    const text = canonicalJson(document);
    const statement = this.statement(document, text, options);
    const envelope = await signEnvelope(nodeCrypto, this.signer, statement);
    return {
      submission: { envelope, ...(options.withoutDocument ? {} : { document: text }) },
      statement,
      digest: envelopeDigest(nodeCrypto, envelope),
    };
  }

  accepted({ statement, digest }: BuiltReport): void {
    this.sequence = statement.predicate.sequence;
    this.previous = digest;
  }

  /** Builds and sends the next report; goes on behind it when it was accepted. */
  async report(endpoint: Endpoint, options: ReportOptions = {}): Promise<Reply> {
    const built = await this.build(options);
    const reply = await post(endpoint, '/v1/reports', JSON.stringify(built.submission));
    if (reply.status === 200) this.accepted(built);
    return reply;
  }

  statement(document: ResultsDocument, text: string, { at, predicate }: ReportOptions): Statement {
    const count = (outcome: Outcome) => document.results.filter((item) => item.outcome === outcome).length;
    return {
      _type: STATEMENT_TYPE,
      subject: [{ name: 'results.json', digest: { sha256: toHex(nodeCrypto.sha256(utf8(text))) } }],
      predicateType: PREDICATE_TYPE,
      predicate: {
        host: this.id,
        sequence: this.sequence + 1,
        previous: this.previous,
        round: (at ?? new Date()).toISOString(),
        agentVersion: '0.1.0',
        policyDigest: null,
        intervalSeconds: this.intervalSeconds,
        durations: { total: 12 },
        counts: {
          pass: count('pass'),
          fail: count('fail'),
          'not-applicable': count('not-applicable'),
          unknown: count('unknown'),
        },
        ...predicate,
      },
    };
  }
}

function documentOf({ results = {}, machine: facts, access }: ReportOptions, name: string): ResultsDocument {
  const list: readonly Result[] = Array.isArray(results)
    ? results
    : Object.entries(results).map(([check, outcome]) => result(check, outcome));
  return {
    format: 'nachweis.results/1',
    host: facts ?? machine(name),
    results: [...list].sort((a, b) => (a.check < b.check ? -1 : 1)),
    ...(access ? { access } : {}),
  };
}

/** Signs any statement, right or wrong. */
export function envelopeOf(signer: Signer, statement: unknown): Promise<Envelope> {
  return signEnvelope(nodeCrypto, signer, statement);
}

/** Posts to the collector over HTTPS; resolves for every answer, rejects when there is none. */
export function post(
  endpoint: Endpoint,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return send(endpoint, 'POST', path, body, { 'content-type': 'application/json', ...headers });
}

export function get(endpoint: Endpoint, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return send(endpoint, 'GET', path, undefined, headers);
}

function send(
  { url, authorities }: Endpoint,
  method: string,
  path: string,
  body: string | Uint8Array | undefined,
  headers: Record<string, string>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length: Record<string, string> =
      body === undefined || headers['transfer-encoding']
        ? {}
        : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = httpsRequest(
      new URL(path, url),
      { method, ca: [...authorities], agent: false, headers: { ...length, ...headers } },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const json = /json/.test(response.headers['content-type'] ?? '');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: json ? JSON.parse(text) : undefined,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The code of a refusal, for short assertions. */
export function codeOf(reply: Reply): string {
  return (reply.body as Refusal | undefined)?.error?.code ?? `status ${reply.status}`;
}
