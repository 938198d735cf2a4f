/** An agent in a directory of its own, enrolled at a real collector, with a clock that the test turns. */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { connect } from '../../agent/collector.ts';
import { enrol } from '../../agent/enrol.ts';
import { readKey } from '../../agent/key.ts';
import { makeRound } from '../../agent/run.ts';
import { type Sent, sendWaiting } from '../../agent/send.ts';
import { openSpool, type Spool } from '../../agent/spool.ts';
import { openState, readEnrolment, type State } from '../../agent/state.ts';
import { defineCheck, fail, pass } from '../../checks/check.ts';
import { evidence } from '../../checks/evidence.ts';
import { valueIn } from '../../checks/fact.ts';
import { osRelease } from '../../checks/facts/os-release.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { createToken } from '../../server/enrol/token.ts';
import { formatEnrolmentString, type TrustBundle } from '../../shared/enrolment.ts';
import type { TestCollector } from '../support/collector.ts';
import { temporaryDirectory } from '../support/database.ts';
import { machine } from '../support/host.ts';

const text = { en: 'text', de: 'Text' };
/** Passes on Debian 12, fails elsewhere: what a test changes to get another document. */
export const releaseCheck = defineCheck({
  id: 'patch.test-release',
  title: text,
  why: text,
  remedy: text,
  severity: 'high',
  params: z.strictObject({}),
  needs: { os: osRelease },
  appliesTo: () => true,
  evaluate: ({ os }) => {
    const { version } = valueIn(os);
    const found = [evidence({ source: '/etc/os-release', found: version, wanted: '12' })];
    return version === '12' ? pass(found) : fail(found);
  },
  references: [],
  examples: [],
});

export async function tokenFor(collector: TestCollector, tenant = 'example'): Promise<string> {
  return createToken(
    collector.db,
    { tenantId: await collector.tenant(tenant), uses: 1, hours: 24 },
    collector.now(),
  );
}

export const stringFor = (collector: TestCollector, token: string): string =>
  formatEnrolmentString({ addresses: [collector.endpoint.url], token, fingerprint: collector.fingerprint });

export class TestAgent {
  readonly directory: string;
  readonly clock: () => Date;
  version = '12';
  hostname: string;

  constructor(clock: () => Date, hostname = 'web1', directory = path.join(temporaryDirectory(), 'state')) {
    this.clock = clock;
    this.hostname = hostname;
    this.directory = directory;
  }

  get state(): State {
    return openState(this.directory, { create: true });
  }

  get host(): string {
    return readEnrolment(this.state).host;
  }

  get spool(): Spool {
    return openSpool(this.state, this.host);
  }

  enrol(enrolmentString: string, again = false) {
    return enrol({
      state: this.state,
      text: enrolmentString,
      again,
      machine: machine(this.hostname),
      intervalSeconds: 3600,
      clock: this.clock,
      language: 'en',
      onStage: () => undefined,
    });
  }

  round() {
    const files = { '/etc/os-release': `ID=debian\nVERSION_ID="${this.version}"\n` };
    return makeRound({
      state: this.state,
      host: memoryHost({ files, live: false }),
      checks: [releaseCheck],
      config: { interval: 3600, params: {} },
      clock: this.clock,
      monotonic: () => 0,
    });
  }

  /** @param to another place than the one enrolled at, for answers of the test's own */
  async send(options: { now?: boolean; to?: { origin: string; trust: TrustBundle } } = {}): Promise<Sent> {
    const { state } = this;
    const { collector: origin, trust, keyFile } = readEnrolment(state);
    const collector = connect(options.to?.origin ?? origin, options.to?.trust ?? trust, 'en');
    try {
      return await sendWaiting({
        state,
        spool: this.spool,
        collector,
        signer: readKey(state.file(keyFile)),
        clock: this.clock,
        random: () => 1,
        language: 'en',
        now: options.now ?? false,
      });
    } finally {
      await collector.close();
    }
  }

  /** A snapshot of the whole state, as a hypervisor would take it. */
  snapshot(): () => void {
    const copy = path.join(temporaryDirectory(), 'snapshot');
    fs.cpSync(this.directory, copy, { recursive: true });
    return () => {
      fs.rmSync(this.directory, { recursive: true });
      fs.cpSync(copy, this.directory, { recursive: true });
      fs.chmodSync(this.directory, 0o700);
    };
  }
}

export async function enrolledAgent(collector: TestCollector, hostname = 'web1'): Promise<TestAgent> {
  const agent = new TestAgent(collector.now, hostname);
  await agent.enrol(stringFor(collector, await tokenFor(collector)));
  return agent;
}
