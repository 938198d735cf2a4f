import { performance } from 'node:perf_hooks';
import { linuxHost } from '../../agent/host-linux.ts';
import { judge } from '../../agent/judge.ts';
import { heldMemory, keepMemory } from '../../agent/memory.ts';
import { openState } from '../../agent/state.ts';
import { patchChecks } from '../../checks/patch/index.ts';

const HOST = `h-${'0'.repeat(24)}`;

/** The state directory of an agent that has made one round on this machine. It is enrolled in form only. */
export async function rememberingState(directory: string): Promise<string> {
  const state = openState(directory, { create: true });
  const key = Buffer.alloc(32).toString('base64');
  const enrolment = {
    format: 'nachweis.enrolment/1',
    collector: 'https://collector.example.org',
    host: HOST,
    tenant: 'example',
    name: 'bench',
    enrolledAt: '2026-01-01T00:00:00.000Z',
    keyFile: `key-${'0'.repeat(16)}.pem`,
    trust: { format: 'nachweis.trust/1', authorities: ['none'], logKeys: [key], policyKeys: [key] },
  };
  state.disk.write(state.file('enrolment.json'), JSON.stringify(enrolment));
  const { memory } = await judge({
    host: linuxHost({ memory: heldMemory(state, enrolment) }),
    checks: patchChecks,
    params: {},
    now: new Date(),
    monotonic: () => performance.now(),
    remember: true,
  });
  if (!memory?.answer) throw new Error('nothing to remember here: is apt there, and its lists whole?');
  keepMemory(state, enrolment, memory);
  // As if a round had just been made: the resident process then sleeps.
  const round = {
    round: new Date().toISOString(),
    sequence: 1,
    digest: '0'.repeat(64),
    intervalSeconds: 3600,
  };
  state.disk.write(
    state.file('round.json'),
    JSON.stringify({ ...round, privileged: true, counts: {}, failing: [] }),
  );
  return directory;
}
