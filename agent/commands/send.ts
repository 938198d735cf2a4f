/** `nachweis send`: sends what waits. `once` and `run` start it as a process of its own. */
import type { Language } from '../../shared/outcome.ts';
import { readConfigForm } from '../config.ts';
import { noteConfinement } from '../confinement.ts';
import { fetchPolicy } from '../fetch-policy.ts';
import { readKey } from '../key.ts';
import { openLink } from '../link.ts';
import { withLock } from '../lock.ts';
import { RecordSpool } from '../record-spool.ts';
import { sentText } from '../round-text.ts';
import { type Sent, sendWaiting } from '../send.ts';
import { sendRecords } from '../send-records.ts';
import { openSpool } from '../spool.ts';
import { openState, readEnrolment } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';

export interface SendCommandOptions {
  readonly state?: string;
  readonly config?: string;
  readonly now?: boolean;
  readonly format: 'text' | 'json';
}

/** @returns 0 when nothing waits any more, 3 when something does */
export async function send(options: SendCommandOptions, language: Language): Promise<number> {
  const state = openState(stateDirectory(options.state));
  await noteConfinement(state, new Date());
  // Two that send at once would send everything twice: the second waits and sends what is left.
  const sent = await withLock(state.file('send.lock'), 20_000, async () => {
    const enrolment = readEnrolment(state);
    const config = await readConfigForm(options.config);
    const collector = openLink({ state, enrolment, config, environment: process.env, language });
    try {
      const signer = readKey(state.file(enrolment.keyFile));
      const clock = (): Date => new Date();
      const done = await sendWaiting({
        state,
        spool: openSpool(state, enrolment.host),
        collector,
        signer,
        clock,
        random: Math.random,
        language,
        now: options.now ?? false,
      });
      // Whoever waits before the next try leaves the collector alone altogether.
      if (done.notBefore !== null) return done;
      const records = await sendRecords(new RecordSpool(state, enrolment.host), collector, language);
      const about = { state, enrolment, collector, signer, clock, language, wanted: done.policyNumber };
      return { ...done, ...(records ? { records } : {}), policy: await fetchPolicy(about) };
    } finally {
      await collector.close();
    }
  });
  write(sent, options.format, language);
  return sent.waiting + (sent.records?.waiting ?? 0) > 0 ? 3 : 0;
}

function write(sent: Sent, format: 'text' | 'json', language: Language): void {
  process.stdout.write(format === 'json' ? `${JSON.stringify(sent)}\n` : sentText(sent, language));
}
