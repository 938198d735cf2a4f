/** How the probe asks a restic repository: `restic snapshots`, without a lock and without a cache. restic(1) */
import { z } from 'zod';
import type { ProbeResult, SnapshotSeen } from '../checks/facts/backup-result.ts';
import { accessTo } from './backup-access.ts';
import { type Asked, MAX_GROUPS, type ProbeProblem, type Prober, refused } from './backup-prober.ts';

export const resticProber: Prober = {
  tool: 'restic',
  programs: ['/usr/bin/restic', '/usr/local/bin/restic', '/usr/local/sbin/restic', '/opt/restic/restic'],
  access: accessTo,
  ask: async (run, snapshotHost): Promise<Asked> => {
    const quiet = ['--no-lock', '--no-cache'];
    const listed = await run(['snapshots', '--json', ...quiet]);
    if ('problem' in listed) return refused(listed.problem);
    // Exit status 0 also when a snapshot could not be read: the newest one may be missing from the list.
    if (listed.status !== 0 || /could not load snapshot|failed to load/i.test(listed.stderr)) {
      return refused(problemIn(listed.stderr, listed.status));
    }
    const outcome = seen(listed.stdout, snapshotHost);
    if (!outcome) return refused('not-understood');
    const configuration = await run(['cat', 'config', ...quiet]);
    const id =
      'problem' in configuration ? undefined : /"id":\s*"([0-9a-f]{64})"/.exec(configuration.stdout)?.[1];
    return { outcome, ...(id ? { id } : {}) };
  },
};

export const snapshotsSchema = z.array(
  z.looseObject({
    time: z.iso.datetime({ offset: true }),
    hostname: z.string().max(255).default(''),
    paths: z.array(z.string()).nullish(),
    id: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

/** What `restic snapshots --json` says, from this host's point of view. Undefined where it is something else. */
export function seen(json: string, snapshotHost: string): ProbeResult['outcome'] | undefined {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return undefined;
  }
  // restic 0.14 prints `null` for a repository without any snapshot.
  const parsed = snapshotsSchema.safeParse(data ?? []);
  if (!parsed.success) return undefined;
  const own = parsed.data.filter(({ hostname }) => hostname === snapshotHost);
  const newest = new Map<string, SnapshotSeen>();
  for (const { time, paths, id } of own) {
    const sorted = (paths ?? []).toSorted();
    const key = JSON.stringify(sorted);
    const at = new Date(Date.parse(time)).toISOString();
    if ((newest.get(key)?.at ?? '') < at) {
      newest.set(key, { at, id, paths: sorted.slice(0, 20).map((each) => each.slice(0, 1000)) });
    }
  }
  return {
    opened: true,
    newest: [...newest.values()]
      .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
      .slice(0, MAX_GROUPS),
    own: own.length,
    others: parsed.data.length - own.length,
  };
}

/** By exit status (restic 0.17 and newer) and by words (all). The text itself goes no further. */
export function problemIn(stderr: string, status: number): ProbeProblem {
  const says = (pattern: RegExp): boolean => pattern.test(stderr);
  if (status === 12 || says(/wrong password or no key found/i)) return 'wrong-password';
  if (status === 11 || says(/already locked|unable to create lock/i)) return 'locked';
  if (
    says(
      /dial tcp|connection (?:refused|reset|timed out)|no such host|network is unreachable|no route to host|i\/o timeout|subprocess ssh|unable to start the sftp|TLS handshake|x509|access ?denied|permission denied|server response unexpected: [45]\d\d/i,
    )
  ) {
    return 'unreachable';
  }
  if (
    says(
      /ciphertext verification failed|is damaged|invalid data returned|could not load snapshot|failed to load|unexpected end of JSON|unexpected EOF|hash does not match|too short/i,
    )
  ) {
    return 'damaged';
  }
  if (status === 10 || says(/Is there a repository|unable to open config file|repository does not exist/i))
    return 'no-repository';
  return 'failed';
}
