/** A report from what was judged: the results document, the statement that names it, the envelope around that. */
import { toHex, utf8 } from '../shared/bytes.ts';
import { canonicalJson } from '../shared/canonical.ts';
import type { Signer } from '../shared/crypto.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import { type Envelope, signEnvelope } from '../shared/envelope.ts';
import {
  PREDICATE_TYPE,
  type ResultsDocument,
  resultsDocumentSchema,
  STATEMENT_TYPE,
  type Statement,
  statementSchema,
} from '../shared/report.ts';
import type { Place } from './chain.ts';
import { countOutcomes, type Judged } from './judge.ts';

export interface Document {
  /** Canonical JSON: the very bytes whose digest is signed. */
  readonly text: string;
  readonly digest: string;
}

/** The document holds instants and no ages, so that an unchanged system gives the same bytes in every round. */
export function makeDocument({
  machine,
  results,
  access,
  updates,
}: Pick<Judged, 'machine' | 'results' | 'access' | 'updates'>): Document {
  const document: ResultsDocument = resultsDocumentSchema.parse({
    format: 'nachweis.results/1',
    host: machine,
    results: [...results].sort((a, b) => (a.check < b.check ? -1 : a.check > b.check ? 1 : 0)),
    ...(access ? { access } : {}),
    ...(updates ? { updates } : {}),
  });
  const text = canonicalJson(document);
  return { text, digest: toHex(nodeCrypto.sha256(utf8(text))) };
}

export interface ReportAbout {
  readonly host: string;
  readonly judged: Judged;
  readonly digest: string;
  readonly agentVersion: string;
  readonly intervalSeconds: number;
  /** Of the policy that had a part in it. */
  readonly policyDigest?: string | null;
  /** No report comes after it. */
  readonly last?: boolean;
}

export function makeStatement(
  { host, judged, digest, agentVersion, intervalSeconds, policyDigest = null, last = false }: ReportAbout,
  place: Place,
) {
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: 'results.json', digest: { sha256: digest } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      host,
      ...place,
      round: judged.now.toISOString(),
      agentVersion,
      policyDigest,
      intervalSeconds,
      durations: slowest(judged.durations),
      counts: countOutcomes(judged.results),
      ...(last ? { last: true as const } : {}),
    },
  };
  return statementSchema.parse(statement);
}

/** How many checks are named with their duration: all of them would be three quarters of an unchanged report. */
const SLOWEST = 3;

function slowest({ total = 0, ...checks }: Readonly<Record<string, number>>): Record<string, number> {
  const slow = Object.entries(checks)
    .map(([name, ms]) => [name, Math.round(ms)] as const)
    .filter(([, ms]) => ms >= 1)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SLOWEST);
  return { ...Object.fromEntries(slow), total: Math.round(total) };
}

/** The same statement at another place in the chain: what was judged, and when, stays. */
export function movedTo(statement: Statement, place: Place): Statement {
  const { gap: _gap, rollback: _rollback, ...rest } = statement.predicate;
  return { ...statement, predicate: { ...rest, ...place } };
}

export const sign = (signer: Signer, statement: Statement): Promise<Envelope> =>
  signEnvelope(nodeCrypto, signer, statement);
