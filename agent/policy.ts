/**
 * The policy that this machine holds: the signed envelope in `<host id>/policy.json`, verified anew in every round.
 * A newer one replaces it as a whole; an older one never does.
 */

import { absent, known, unreadable } from '../checks/fact.ts';
import type { Host } from '../checks/host.ts';
import { fromBase64 } from '../shared/bytes.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import { CodedError } from '../shared/errors.ts';
import type { Language, Text } from '../shared/outcome.ts';
import {
  openPolicy,
  type Policy,
  type PolicyEnvelope,
  policyDigest,
  policyEnvelopeSchema,
} from '../shared/policy.ts';
import type { Params } from './config.ts';
import { readState } from './durable.ts';
import { speaker } from './language.ts';
import { type Enrolment, findEnrolment, type State } from './state.ts';

/** What a round needs of the policy. */
export interface HeldPolicy {
  /** For the host that is judged: known only while it is valid. */
  readonly fact: Host['policy'];
  /** Also of one that ran out: they are the last word that was spoken, and results name what was in force. */
  readonly params: Params;
  /** `policyDigest` of the report; null where no policy had a part in it. */
  readonly digest: string | null;
}

export const noPolicy: HeldPolicy = { fact: absent('policy'), params: {}, digest: null };

const fileOf = (state: State, { host }: Pick<Enrolment, 'host'>): string => state.file(`${host}/policy.json`);

/** Never throws for what the file holds: a policy that can't be believed must not end the round. */
export async function heldPolicy(state: State, enrolment: Enrolment, now: Date): Promise<HeldPolicy> {
  const source = 'policy';
  try {
    const stored = await readStored(state, enrolment);
    if (!stored) return noPolicy;
    const { number, issuedAt, validUntil, grants, params } = stored.policy;
    const digest = policyDigest(nodeCrypto, stored.envelope);
    if (Date.parse(validUntil) <= now.getTime())
      return { fact: unreadable(source, ranOut(validUntil)), params, digest };
    return { fact: known({ number, issuedAt, validUntil, grants }), params, digest };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const text: Text = { en: error.explain('en').message, de: error.explain('de').message };
    return { fact: unreadable(source, text), params: {}, digest: null };
  }
}

/** As `heldPolicy`, for a machine that may not be enrolled or whose state this user may not read. */
export async function policyOfMachine(open: () => State, now: Date): Promise<HeldPolicy> {
  try {
    const state = open();
    const enrolment = findEnrolment(state);
    return enrolment ? await heldPolicy(state, enrolment, now) : noPolicy;
  } catch (error) {
    if (error instanceof CodedError) return noPolicy;
    throw error;
  }
}

/** Parameters of this machine's own file and of the policy; for each one, the policy wins. */
export function mergeParams(own: Params, policy: Params): Params {
  const checks = new Set([...Object.keys(own), ...Object.keys(policy)]);
  return Object.fromEntries([...checks].map((id) => [id, { ...own[id], ...policy[id] }]));
}

interface Stored {
  readonly envelope: PolicyEnvelope;
  readonly policy: Policy;
}

async function readStored(state: State, enrolment: Enrolment): Promise<Stored | undefined> {
  const envelope = readState(fileOf(state, enrolment), policyEnvelopeSchema);
  return envelope && { envelope, policy: await opened(enrolment, envelope) };
}

const opened = ({ trust, host }: Enrolment, envelope: PolicyEnvelope): Promise<Policy> =>
  openPolicy(nodeCrypto, envelope, trust.policyKeys.map(fromBase64), host);

/**
 * Keeps a policy that came from the collector, if it is for this host, signed, valid, and newer than the one held.
 * @throws CodedError `BAD_SIGNATURE`, `POLICY_REFUSED`, `NO_SPACE`; then the one held stays
 */
export async function takePolicy(
  state: State,
  enrolment: Enrolment,
  envelope: PolicyEnvelope,
  now: Date,
): Promise<Policy> {
  const policy = await opened(enrolment, envelope);
  const refused = (problem: string) => new CodedError('POLICY_REFUSED', { problem });
  if (Date.parse(policy.validUntil) <= now.getTime())
    throw refused(`it was valid until ${policy.validUntil}`);
  const before = await storedNumber(state, enrolment);
  if (policy.number <= before) throw refused(`its number ${policy.number} is not above ${before}`);
  state.disk.makeDirectory(state.file(enrolment.host));
  state.disk.write(fileOf(state, enrolment), canonicalJson(envelope));
  return policy;
}

/** Of the policy held, also of one that ran out; 0 where there is none that can be believed. */
export async function storedNumber(state: State, enrolment: Enrolment): Promise<number> {
  try {
    return (await readStored(state, enrolment))?.policy.number ?? 0;
  } catch (error) {
    if (error instanceof CodedError) return 0;
    throw error;
  }
}

/** The policy held, also one that ran out. @throws CodedError where it can't be believed */
export async function storedPolicy(state: State, enrolment: Enrolment): Promise<Policy | undefined> {
  return (await readStored(state, enrolment))?.policy;
}

/** `no. 3, valid until 2026-06-15; sets parameters of 2 checks, a register of 4 grants`. */
export function describePolicy({ number, validUntil, params, grants }: Policy, language: Language): string {
  const say = speaker(language);
  const checks = Object.keys(params).length;
  const parts = [
    checks > 0
      ? say({
          en: `parameters of ${checks} check${checks === 1 ? '' : 's'}`,
          de: `Parameter von ${checks} Prüfung${checks === 1 ? '' : 'en'}`,
        })
      : '',
    grants
      ? say({
          en: `a register of ${grants.length} grant${grants.length === 1 ? '' : 's'}`,
          de: `ein Verzeichnis von ${grants.length} Freigabe${grants.length === 1 ? '' : 'n'}`,
        })
      : '',
  ].filter(Boolean);
  const until = `${validUntil.slice(0, 16).replace('T', ' ')} UTC`;
  const sets = parts.join(say({ en: ' and ', de: ' und ' })) || say({ en: 'nothing', de: 'nichts' });
  return say({
    en: `no. ${number}, valid until ${until}; sets ${sets}`,
    de: `Nr. ${number}, gültig bis ${until}; regelt ${sets}`,
  });
}

const ranOut = (validUntil: string): Text => ({
  en: `the policy was valid until ${validUntil}`,
  de: `die Vorgaben galten bis ${validUntil}`,
});
