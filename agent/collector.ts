/**
 * Speaking to the collector: HTTPS that trusts its own authority and nobody else, answers bounded and checked.
 * The only file of the agent that opens connections.
 */
import { Agent, request } from 'undici';
import { toHex, utf8 } from '../shared/bytes.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import {
  type EnrolReply,
  type EnrolRequest,
  enrolReplySchema,
  type TrustBundle,
  trustBundleSchema,
} from '../shared/enrolment.ts';
import { CodedError } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import { type PolicyReply, type PolicyRequestEnvelope, policyReplySchema } from '../shared/policy.ts';
import {
  type Receipt,
  type Refusal,
  receiptSchema,
  refusalSchema,
  type Submission,
} from '../shared/report.ts';
import { MOST_ASKED_S } from './back-off.ts';

/** A policy has at most 700 kB in base64; everything else is small. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;

export interface Answered<T> {
  readonly value: T;
  /** What the collector's clock said (Date header), if it did. */
  readonly collectorTime: Date | undefined;
}

/** The collector understood and said no. */
export class RefusedByCollector extends Error {
  readonly refusal: Refusal['error'];
  readonly retryAfterSeconds: number | undefined;
  readonly collectorTime: Date | undefined;

  constructor(refusal: Refusal['error'], retryAfter: number | undefined, collectorTime: Date | undefined) {
    super(`${refusal.code}: ${refusal.message}`);
    this.refusal = refusal;
    this.retryAfterSeconds = retryAfter;
    this.collectorTime = collectorTime;
  }
}

export interface Collector {
  readonly origin: string;
  /** @throws CodedError, RefusedByCollector */
  enrol(request: EnrolRequest, signature: string): Promise<Answered<EnrolReply>>;
  /** @throws CodedError, RefusedByCollector */
  send(submission: Submission): Promise<Answered<Receipt>>;
  /** @throws CodedError, RefusedByCollector */
  policy(request: PolicyRequestEnvelope): Promise<Answered<PolicyReply>>;
  close(): Promise<void>;
}

/**
 * The trust bundle of `origin`, which is believed only because it has the fingerprint that the enrolment string
 * names; the certificate is not looked at, and nothing is sent but the question.
 * @throws CodedError `FINGERPRINT_MISMATCH`, `COLLECTOR_UNREACHABLE`, `COLLECTOR_ANSWER_INVALID`
 */
export async function fetchTrust(
  origin: string,
  fingerprint: string,
  language: Language,
): Promise<TrustBundle> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false, timeout: CONNECT_MS } });
  try {
    const { status, body } = await ask({ origin, dispatcher, language }, 'GET', '/v1/trust');
    const bundle = trustBundleSchema.safeParse(body);
    if (status !== 200 || !bundle.success) throw odd(origin, `HTTP ${status} to /v1/trust`);
    const found = toHex(nodeCrypto.sha256(utf8(canonicalJson(bundle.data))));
    if (found !== fingerprint) throw new CodedError('FINGERPRINT_MISMATCH');
    return bundle.data;
  } finally {
    await dispatcher.destroy();
  }
}

export function connect(origin: string, trust: TrustBundle, language: Language): Collector {
  const dispatcher = new Agent({
    // The authorities of the bundle replace the system's: no public authority can speak for this collector.
    connect: { ca: trust.authorities, timeout: CONNECT_MS, minVersion: 'TLSv1.2' },
    connections: 1,
    pipelining: 1,
  });
  const line: Line = { origin, dispatcher, language };
  return {
    origin,
    enrol: (body, signature) => answered(line, '/v1/enrol', { request: body, signature }, enrolReplySchema),
    send: (submission) => answered(line, '/v1/reports', submission, receiptSchema),
    policy: (body) => answered(line, '/v1/policy', body, policyReplySchema),
    close: () => dispatcher.destroy(),
  };
}

interface Line {
  readonly origin: string;
  readonly dispatcher: Agent;
  /** In which the collector's words are wanted. */
  readonly language: Language;
}

async function answered<T>(
  line: Line,
  path: string,
  body: unknown,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
): Promise<Answered<T>> {
  const { origin } = line;
  const answer = await ask(line, 'POST', path, JSON.stringify(body));
  const { status, collectorTime } = answer;
  if (status === 200 || status === 201) {
    const value = schema.safeParse(answer.body);
    if (value.success) return { value: value.data, collectorTime };
    throw odd(origin, `HTTP ${status} with an unexpected body`);
  }
  const refusal = refusalSchema.safeParse(answer.body);
  if (!refusal.success) throw odd(origin, `HTTP ${status} without an error code`);
  throw new RefusedByCollector(refusal.data.error, answer.retryAfter, collectorTime);
}

interface Raw {
  readonly status: number;
  /** Parsed JSON; undefined when it was none. */
  readonly body: unknown;
  readonly retryAfter: number | undefined;
  readonly collectorTime: Date | undefined;
}

async function ask(
  { origin, dispatcher, language }: Line,
  method: 'GET' | 'POST',
  path: string,
  body?: string,
): Promise<Raw> {
  try {
    const response = await request(`${origin}${path}`, {
      dispatcher,
      method,
      headers: {
        accept: 'application/json',
        'accept-language': language,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) throw odd(origin, `more than ${MAX_ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
    const { date, 'retry-after': retryAfter } = response.headers;
    return {
      status: response.statusCode,
      body: parsed(Buffer.concat(chunks).toString('utf8')),
      retryAfter: seconds(first(retryAfter)),
      collectorTime: instant(first(date)),
    };
  } catch (error) {
    throw error instanceof CodedError ? error : unreachable(origin, error);
  }
}

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** Retry-After in seconds only (RFC 9110, 10.2.3); at most a day. */
const seconds = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,9}$/.test(header) ? Math.min(Number(header), MOST_ASKED_S) : undefined;

const instant = (header: string | undefined): Date | undefined => {
  const at = new Date(header ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const odd = (collector: string, problem: string): CodedError =>
  new CodedError('COLLECTOR_ANSWER_INVALID', { collector, problem });

/** OpenSSL's and Node's words for "this certificate is not to be believed". */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH/;

function unreachable(collector: string, error: unknown): CodedError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const problem = code && !message.includes(code) ? `${message} (${code})` : message;
  const name = CERTIFICATE.test(code) ? 'COLLECTOR_UNTRUSTED' : 'COLLECTOR_UNREACHABLE';
  return new CodedError(name, { collector, problem: problem || String(error) }, { cause: error });
}
