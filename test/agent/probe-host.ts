/** What the tests of the backup probes share: a host whose declared jobs and results lie in a directory of their own. */
import os from 'node:os';
import { join } from 'node:path';
import { probeBackups } from '../../agent/backup-probe.ts';
import { recent } from '../../checks/backup/recent.ts';
import { evaluateRound } from '../../checks/evaluate.ts';
import { movedHost } from '../support/moved-host.ts';

/** This machine, with the two directories of Nachweis moved below `base`. */
export const probeHost = (base: string) =>
  movedHost((path) =>
    path.replace(/^\/etc\/nachweis/, base).replace(/^\/var\/lib\/nachweis\/backup/, join(base, 'results')),
  );

/** Probes the one declared job. */
export async function probeOnce(base: string, now: Date) {
  const [probed] = await probeBackups({
    host: probeHost(base),
    hostName: os.hostname(),
    now: () => now,
    directory: join(base, 'results'),
  });
  if (!probed) throw new Error('no result');
  return probed.result;
}

/** What backup.recent says of it. */
export async function judgeRecent(base: string, now: Date) {
  const { results } = await evaluateRound({
    host: probeHost(base),
    system: { id: 'debian', version: '12', like: [], kind: 'vm' },
    checks: [recent],
    params: {},
    now,
    monotonic: () => 0,
  });
  return results[0];
}
