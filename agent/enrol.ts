/**
 * Enrolment: whom the string names is who gets the request, and nobody else. The host's key is made here; its
 * rename into `enrolment.json` at the end is what enrols, so a crash leaves the machine enrolled as before or anew.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { z } from 'zod';
import { toBase64 } from '../shared/bytes.ts';
import {
  type EnrolReply,
  type EnrolRequest,
  enrolSignedBytes,
  parseEnrolmentString,
} from '../shared/enrolment.ts';
import { CodedError } from '../shared/errors.ts';
import { sha256HexSchema } from '../shared/identifier.ts';
import type { Language } from '../shared/outcome.ts';
import type { Machine } from '../shared/report.ts';
import { connect, fetchTrust, fingerprintOf } from './collector.ts';
import { listState, readState } from './durable.ts';
import { clean } from './host-line.ts';
import { createKey, readKey } from './key.ts';
import { directly, type Network } from './network/settings.ts';
import { openSpool } from './spool.ts';
import { type Enrolment, findEnrolment, type State } from './state.ts';

export type EnrolStage =
  | { readonly stage: 'trusted'; readonly collector: string; readonly fingerprint: string }
  | { readonly stage: 'key'; readonly file: string }
  | { readonly stage: 'enrolled'; readonly enrolment: Enrolment };

export interface EnrolOptions {
  readonly state: State;
  /** The string that people paste. */
  readonly text: string;
  readonly again: boolean;
  readonly machine: Machine;
  readonly intervalSeconds: number;
  readonly clock: () => Date;
  readonly language: Language;
  readonly network?: Network;
  /** Other addresses than the string names: those of agent.yaml. */
  readonly addresses?: readonly string[] | undefined;
  readonly onStage: (stage: EnrolStage) => void;
}

/** The key of an enrolment under way: if the reply got lost, the same key and token get the same reply. */
const enrollingSchema = z.strictObject({ tokenHash: sha256HexSchema, keyFile: z.string() });

/**
 * @throws CodedError `ENROLMENT_STRING_INVALID`, `ALREADY_ENROLLED`, `FINGERPRINT_MISMATCH`,
 *   `COLLECTOR_UNREACHABLE`, `COLLECTOR_UNTRUSTED`; RefusedByCollector
 */
export async function enrol(options: EnrolOptions): Promise<Enrolment> {
  const { state, language, network = directly, onStage } = options;
  const { token, fingerprint, ...named } = parseEnrolmentString(options.text);
  const addresses = options.addresses ?? named.addresses;
  const before = findEnrolment(state);
  if (before && !options.again) throw new CodedError('ALREADY_ENROLLED', { collector: before.collector });

  const { trust, address } = await fetchTrust(addresses, fingerprint, language, network);
  onStage({ stage: 'trusted', collector: address, fingerprint });

  const keyFile = keyFor(state, token);
  const signer = readKey(state.file(keyFile));
  onStage({ stage: 'key', file: state.file(keyFile) });

  const request: EnrolRequest = {
    format: 'nachweis.enrol/1',
    token,
    publicKey: toBase64(signer.publicKey),
    hostname: options.machine.hostname || 'localhost',
    machine: options.machine,
    intervalSeconds: options.intervalSeconds,
    at: options.clock().toISOString(),
  };
  const signature = toBase64(await signer.sign(enrolSignedBytes(request)));
  const line = connect(addresses, trust, language, { network, first: address });
  try {
    const { value: reply } = await line.enrol(request, signature);
    const { host, enrolledAt } = reply;
    // Shown on terminals later: words, nothing that steers.
    const [tenant, name] = [clean(reply.tenant), clean(reply.name)];
    const enrolment: Enrolment = {
      format: 'nachweis.enrolment/1',
      collector: named.addresses[0] ?? address,
      ...(named.addresses.length > 1 ? { addresses: [...named.addresses] } : {}),
      host,
      tenant,
      name,
      enrolledAt,
      keyFile,
      trust,
    };
    if (reply.last) await takeUp(state, host, reply.last);
    state.disk.write(state.file('enrolment.json'), JSON.stringify(enrolment));
    tidy(state, keyFile);
    onStage({ stage: 'enrolled', enrolment });
    return enrolment;
  } finally {
    await line.close();
  }
}

/**
 * The enrolment of this machine, if it is at the collector whose keys the string names, by whatever address.
 * @throws CodedError `ENROLMENT_STRING_INVALID`
 */
export function enrolledAt(state: State, text: string): Enrolment | undefined {
  const { fingerprint } = parseEnrolmentString(text);
  const enrolment = findEnrolment(state);
  return enrolment && fingerprintOf(enrolment.trust) === fingerprint ? enrolment : undefined;
}

/** A host that was reinstalled goes on behind its last report; where it kept its reports, they have nothing to catch up. */
async function takeUp(state: State, host: string, last: NonNullable<EnrolReply['last']>): Promise<void> {
  const spool = openSpool(state, host);
  const { head } = spool.chain();
  if (head.sequence !== last.sequence || head.digest !== last.envelopeDigest) await spool.startBehind(last);
}

/** A new key, or the one that an enrolment with this very token has made before it was cut off. */
function keyFor(state: State, token: string): string {
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const file = state.file('enrolling.json');
  const begun = readState(file, enrollingSchema);
  if (begun?.tokenHash === tokenHash && fs.existsSync(state.file(begun.keyFile))) return begun.keyFile;
  const keyFile = createKey(state.directory);
  state.disk.write(file, JSON.stringify({ tokenHash, keyFile }));
  return keyFile;
}

/** Keys that no enrolment names any more, and what was remembered of earlier tries. */
function tidy(state: State, keyFile: string): void {
  state.disk.remove(state.file('enrolling.json'));
  for (const name of ['sending.json', 'round.json', 'address.json']) state.disk.remove(state.file(name));
  for (const name of listState(state.directory)) {
    if (/^key-[0-9a-f]{16}\.pem$/.test(name) && name !== keyFile) state.disk.remove(state.file(name));
  }
}
