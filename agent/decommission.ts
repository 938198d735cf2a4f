/**
 * The end of this host, as far as the agent brings it about: a last report, marked as such; the request that retires
 * its key on the collector; the key set aside here. Nothing is ever erased.
 *
 * Durability order: the last report is accepted, then `decommission.json` says which one it is, then the collector is
 * asked (it gives the same answer however often), then `decommissioned.json`, then the enrolment is set aside, then
 * the key. After a crash between any two the same command goes on from there.
 */
import fs from 'node:fs';
import { z } from 'zod';
import type { Signer } from '../shared/crypto.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import { type DecommissionReply, signDecommission } from '../shared/decommission.ts';
import { sha256HexSchema } from '../shared/identifier.ts';
import { type Collector, RefusedByCollector } from './collector.ts';
import { readState } from './durable.ts';
import type { Sent } from './send.ts';
import type { Spool } from './spool.ts';
import { type Enrolment, findDecommissioned, findEnrolment, type State } from './state.ts';

const planSchema = z.strictObject({
  format: z.literal('nachweis.decommissioning/1'),
  last: z.strictObject({ sequence: z.int().positive(), envelopeDigest: sha256HexSchema }),
});

export interface DecommissionOptions {
  readonly state: State;
  readonly enrolment: Enrolment;
  readonly signer: Signer;
  readonly spool: Spool;
  readonly collector: Collector;
  readonly clock: () => Date;
  /** Makes a report that is marked as the last one. @returns whether it could */
  readonly lastRound: () => Promise<boolean>;
  readonly send: () => Promise<Sent>;
}

export type Decommissioned =
  | { readonly state: 'done'; readonly retiredAt: string; readonly logIndex: number }
  /** The last report is made and waits: the collector could not be reached. */
  | { readonly state: 'waiting'; readonly sent: Sent }
  | { readonly state: 'no-round' };

/** A round of the timer may slip in behind the last report; then there is a newer last one. */
const TRIES = 3;

/** @throws RefusedByCollector, CodedError; then nothing is retired, or the same command finds out that it was */
export async function decommission(options: DecommissionOptions): Promise<Decommissioned> {
  for (let left = TRIES; ; left--) {
    const planned = plannedLast(options);
    if (!planned) {
      const ready = await sendLast(options);
      if (ready !== undefined) return ready;
    }
    try {
      const reply = await ask(options);
      setAside(options, reply);
      return { state: 'done', retiredAt: reply.retiredAt, logIndex: reply.log.index };
    } catch (error) {
      const again = error instanceof RefusedByCollector && error.refusal.code === 'DECOMMISSION_REFUSED';
      if (!again || left <= 1) throw error;
      options.state.disk.remove(options.state.file('decommission.json'));
    }
  }
}

/** Whether a decommissioning was begun: the last report is accepted, and the collector was asked or is about to be. */
export const isPlanned = (state: State): boolean =>
  readState(state.file('decommission.json'), planSchema) !== undefined;

/** The last report as it was planned, if the collector has had none from here since. */
function plannedLast({ state, spool }: DecommissionOptions) {
  const plan = readState(state.file('decommission.json'), planSchema);
  const { head } = spool.chain();
  return plan?.last.sequence === head.sequence && plan.last.envelopeDigest === head.digest
    ? plan.last
    : undefined;
}

async function sendLast(options: DecommissionOptions): Promise<Decommissioned | undefined> {
  const { state, spool } = options;
  if (!(await options.lastRound())) return { state: 'no-round' };
  const sent = await options.send();
  const { head } = spool.chain();
  if (sent.waiting > 0 || head.digest === null) return { state: 'waiting', sent };
  const last = { sequence: head.sequence, envelopeDigest: head.digest };
  state.disk.write(
    state.file('decommission.json'),
    JSON.stringify({ format: 'nachweis.decommissioning/1', last }),
  );
  return undefined;
}

async function ask(options: DecommissionOptions): Promise<DecommissionReply> {
  const { enrolment, signer, collector, clock } = options;
  const last = plannedLast(options);
  if (!last) throw new Error('the last report is not the newest one any more');
  const request = await signDecommission(nodeCrypto, signer, {
    ...{ format: 'nachweis.decommission/1', host: enrolment.host, last, at: clock().toISOString() },
  });
  return (await collector.decommission(request)).value;
}

function setAside({ state, enrolment }: DecommissionOptions, { retiredAt, log }: DecommissionReply): void {
  const { host, name, tenant, collector, keyFile } = enrolment;
  state.disk.write(
    state.file('decommissioned.json'),
    JSON.stringify({
      ...{ format: 'nachweis.decommissioned/1', host, name, tenant, collector, keyFile },
      ...{ retiredAt, logIndex: log.index },
    }),
  );
  finishSettingAside(state);
}

/** Takes up what a crash left half done. @returns what was decommissioned, if anything was */
export function finishSettingAside(state: State) {
  const done = findDecommissioned(state);
  if (!done) return undefined;
  const enrolment = findEnrolment(state);
  // Enrolled anew since: that is another life.
  if (enrolment && enrolment.host !== done.host) return undefined;
  if (enrolment) state.disk.move(state.file('enrolment.json'), state.file(`enrolment-${done.host}.json`));
  if (fs.existsSync(state.file(done.keyFile)))
    state.disk.move(state.file(done.keyFile), state.file(`retired-${done.keyFile}`));
  state.disk.remove(state.file('decommission.json'));
  return done;
}
