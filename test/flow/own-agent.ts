/** The real agent against an unpacked system, in this process, with a clock that the test turns. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { connect } from '../../agent/collector.ts';
import { readConfig } from '../../agent/config.ts';
import { type Decommissioned, decommission, finishSettingAside } from '../../agent/decommission.ts';
import { disk } from '../../agent/durable.ts';
import { enrol } from '../../agent/enrol.ts';
import { fetchPolicy } from '../../agent/fetch-policy.ts';
import { linuxHost } from '../../agent/host-linux.ts';
import { readKey } from '../../agent/key.ts';
import { readMachine } from '../../agent/machine.ts';
import { heldPolicy } from '../../agent/policy.ts';
import { makeRound, type RoundSummary } from '../../agent/run.ts';
import { type Sent, sendWaiting } from '../../agent/send.ts';
import { openSpool } from '../../agent/spool.ts';
import { findEnrolment, openState, readEnrolment } from '../../agent/state.ts';
import { readStatus, type Status } from '../../agent/status.ts';
import { factGetter } from '../../checks/evaluate.ts';
import { allChecks } from '../../checks/registry.ts';

export interface OwnAgent {
  enrol(line: string): Promise<string>;
  round(): Promise<RoundSummary>;
  /** Of the status; undefined: not enrolled any more. */
  unfinished(): Promise<Status['decommissioning'] | undefined>;
  send(): Promise<Sent>;
  /** `crash` is called by name after each step on the disk. */
  decommission(crash?: (step: string) => void): Promise<Decommissioned>;
}

/** @param root an unpacked system; @param directory an empty one for its state */
export async function ownAgent(root: string, directory: string, clock: () => Date): Promise<OwnAgent> {
  const state = openState(join(directory, randomBytes(4).toString('hex')), { create: true });
  const host = linuxHost({ root });
  const config = await readConfig(join(directory, 'no-such-file'));
  return {
    async enrol(text) {
      const machine = await readMachine(host, factGetter(host, clock()));
      const enrolment = await enrol({
        state,
        text,
        again: false,
        machine,
        intervalSeconds: config.interval,
        clock,
        language: 'en',
        onStage: () => undefined,
      });
      return enrolment.host;
    },
    async decommission(crash) {
      const own = openState(state.directory, { disk: disk(crash) });
      finishSettingAside(own);
      const enrolment = readEnrolment(own);
      const collector = connect(enrolment.collector, enrolment.trust, 'en');
      const signer = readKey(own.file(enrolment.keyFile));
      const spool = openSpool(own, enrolment.host);
      try {
        return await decommission({
          ...{ state: own, enrolment, signer, spool, collector, clock },
          lastRound: async () => {
            const monotonic = () => performance.now();
            await makeRound({ ...{ state: own, host, checks: [], config, clock, monotonic }, last: true });
            return true;
          },
          send: () =>
            sendWaiting({
              ...{
                state: own,
                spool,
                collector,
                signer,
                clock,
                random: () => 0.5,
                language: 'en',
                now: true,
              },
            }),
        });
      } finally {
        await collector.close();
      }
    },
    async unfinished() {
      const enrolment = findEnrolment(state);
      if (!enrolment) return undefined;
      const spool = openSpool(state, enrolment.host);
      const now = clock();
      return (await readStatus(state, enrolment, spool, null, undefined, now, 'en')).decommissioning;
    },
    async round() {
      const policy = await heldPolicy(state, readEnrolment(state), clock());
      return makeRound({
        state,
        host: linuxHost({ root, policy: policy.fact }),
        policy,
        checks: allChecks,
        config,
        clock,
        monotonic: () => performance.now(),
      });
    },
    async send() {
      const enrolment = readEnrolment(state);
      const collector = connect(enrolment.collector, enrolment.trust, 'en');
      try {
        const signer = readKey(state.file(enrolment.keyFile));
        const sent = await sendWaiting({
          state,
          spool: openSpool(state, enrolment.host),
          collector,
          signer,
          clock,
          random: () => 0.5,
          language: 'en',
          now: true,
        });
        if (sent.notBefore !== null) return sent;
        const policy = await fetchPolicy({
          ...{ state, enrolment, collector, signer, clock, language: 'en' },
          wanted: sent.policyNumber,
        });
        return { ...sent, policy };
      } finally {
        await collector.close();
      }
    },
  };
}
