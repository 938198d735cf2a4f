/**
 * Speaking to the collector: HTTPS that trusts its own authority and nobody else, answers bounded and checked. With
 * agent/collector-line.ts and agent/network/ the only place of the agent that opens connections.
 *
 * A collector may have several addresses. They are ways to the one identity that the trust bundle names: one that
 * can't be reached, or where somebody else answers, is passed over for the next.
 */
import { toHex, utf8 } from '../shared/bytes.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import {
  type DecommissionEnvelope,
  type DecommissionReply,
  decommissionReplySchema,
} from '../shared/decommission.ts';
import { type RecordReceipt, type RecordSubmission, recordReceiptSchema } from '../shared/drill-statement.ts';
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
import { ask, Line, odd } from './collector-line.ts';
import { isWayProblem } from './network/problem.ts';
import { directly, type Network } from './network/settings.ts';

export interface Answered<T> {
  readonly value: T;
  /** What the collector's clock said (Date header), if it did. */
  readonly collectorTime: Date | undefined;
  /** Which policy the collector says this host should have (POLICY_HEADER), if it did. */
  readonly policyNumber: number | undefined;
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
  /** The address that answered last, or that is tried next. */
  readonly origin: string;
  /** @throws CodedError, RefusedByCollector */
  enrol(request: EnrolRequest, signature: string): Promise<Answered<EnrolReply>>;
  /** @throws CodedError, RefusedByCollector */
  send(submission: Submission): Promise<Answered<Receipt>>;
  /** @throws CodedError, RefusedByCollector */
  record(submission: RecordSubmission): Promise<Answered<RecordReceipt>>;
  /** @throws CodedError, RefusedByCollector */
  policy(request: PolicyRequestEnvelope): Promise<Answered<PolicyReply>>;
  /** @throws CodedError, RefusedByCollector */
  decommission(request: DecommissionEnvelope): Promise<Answered<DecommissionReply>>;
  close(): Promise<void>;
}

/**
 * The trust bundle of the collector at the first of `addresses` that has the right one: it is believed only because
 * of the fingerprint that the enrolment string names. The certificate is not looked at, and nothing is sent but the
 * question.
 * @throws CodedError `FINGERPRINT_MISMATCH`, `COLLECTOR_ANSWER_INVALID`, and those of agent/network/problem.ts; of the first address
 */
export async function fetchTrust(
  addresses: readonly string[],
  fingerprint: string,
  language: Language,
  network: Network = directly,
): Promise<{ trust: TrustBundle; address: string }> {
  const errors: CodedError[] = [];
  for (const address of addresses) {
    const line = new Line(address, undefined, language, network);
    try {
      return { trust: await trustOf(line, fingerprint), address };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      errors.push(error);
    } finally {
      await line.close();
    }
  }
  // Somebody else at one of the addresses matters more than silence at another.
  throw errors.find(({ code }) => code === 'FINGERPRINT_MISMATCH') ?? errors[0];
}

/** As it stands in enrolment strings. */
export const fingerprintOf = (trust: TrustBundle): string =>
  toHex(nodeCrypto.sha256(utf8(canonicalJson(trust))));

async function trustOf(line: Line, fingerprint: string): Promise<TrustBundle> {
  const { status, body } = await ask(line, 'GET', '/v1/trust');
  const bundle = trustBundleSchema.safeParse(body);
  if (status !== 200 || !bundle.success) throw odd(line.origin, `HTTP ${status} to /v1/trust`);
  if (fingerprintOf(bundle.data) !== fingerprint) throw new CodedError('FINGERPRINT_MISMATCH');
  return bundle.data;
}

/** What an address says when it is only asked who it is. */
export interface Greeting {
  readonly trust: TrustBundle;
  /** When the answer came, by this machine's clock, and what the collector's said. */
  readonly at: Date;
  readonly collectorTime: Date | undefined;
  readonly version: string | undefined;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Asks one address who it is, over TLS as a report would go, and sends nothing. @throws CodedError */
export async function greet(address: string, trust: TrustBundle, network: Network): Promise<Greeting> {
  const line = new Line(address, trust, 'en', network);
  const started = performance.now();
  try {
    const { status, body, collectorTime, version } = await ask(line, 'GET', '/v1/trust');
    const bundle = trustBundleSchema.safeParse(body);
    if (status !== 200 || !bundle.success) throw odd(address, `HTTP ${status} to /v1/trust`);
    const ms = Math.round(performance.now() - started);
    return { trust: bundle.data, at: new Date(), collectorTime, version, ms };
  } finally {
    await line.close();
  }
}

export interface ConnectOptions {
  readonly network?: Network;
  /** The one of the addresses that is tried first. */
  readonly first?: string | undefined;
  /** Told of the address that answered, where it is another one than before. */
  readonly onMoved?: (address: string) => void;
}

/** @param addresses origins of one collector, at least one */
export function connect(
  addresses: string | readonly string[],
  trust: TrustBundle,
  language: Language,
  { network = directly, first, onMoved = () => undefined }: ConnectOptions = {},
): Collector {
  const list = typeof addresses === 'string' ? [addresses] : addresses;
  const lines = list.map((address) => new Line(address, trust, language, network));
  let at = Math.max(0, first === undefined ? 0 : list.indexOf(first));

  /** By the address that worked last, else by the others in their order. */
  async function byAnyWay<T>(work: (line: Line) => Promise<T>): Promise<T> {
    let problem: unknown;
    for (const line of [...lines.slice(at, at + 1), ...lines.filter((_, index) => index !== at)]) {
      try {
        const value = await work(line);
        answeredBy(line);
        return value;
      } catch (error) {
        if (!isWayProblem(error)) {
          answeredBy(line);
          throw error;
        }
        problem ??= error;
      }
    }
    throw problem;
  }

  function answeredBy(line: Line): void {
    if (lines[at] === line) return;
    at = lines.indexOf(line);
    onMoved(line.origin);
  }

  const send = <T>(path: string, body: unknown, schema: Schema<T>): Promise<Answered<T>> =>
    byAnyWay((line) => answered(line, path, body, schema));
  return {
    get origin() {
      return list[at] ?? '';
    },
    enrol: (body, signature) => send('/v1/enrol', { request: body, signature }, enrolReplySchema),
    send: (submission) => send('/v1/reports', submission, receiptSchema),
    record: (submission) => send('/v1/records', submission, recordReceiptSchema),
    policy: (body) => send('/v1/policy', body, policyReplySchema),
    decommission: (body) => send('/v1/decommission', body, decommissionReplySchema),
    close: async () => {
      await Promise.all(lines.map((line) => line.close()));
    },
  };
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

async function answered<T>(line: Line, path: string, body: unknown, schema: Schema<T>): Promise<Answered<T>> {
  const { origin } = line;
  const answer = await ask(line, 'POST', path, JSON.stringify(body));
  const { status, collectorTime, policyNumber } = answer;
  if (status === 200 || status === 201) {
    const value = schema.safeParse(answer.body);
    if (value.success) return { value: value.data, collectorTime, policyNumber };
    throw odd(origin, `HTTP ${status} with an unexpected body`);
  }
  const refusal = refusalSchema.safeParse(answer.body);
  if (!refusal.success) throw odd(origin, `HTTP ${status} without an error code`);
  throw new RefusedByCollector(refusal.data.error, answer.retryAfter, collectorTime);
}
