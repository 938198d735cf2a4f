/**
 * How the probe asks a borg repository: `borg list --json` without a lock, with a cache and a security directory of its own
 * that are thrown away. borg(1), "Environment Variables". borgmatic's hooks are not run: only borg is.
 */
import { z } from 'zod';
import type { ProbeResult, SnapshotSeen } from '../checks/facts/backup-result.ts';
import { borgAccess } from './backup-access.ts';
import { type Asked, MAX_GROUPS, type ProbeProblem, type Prober, refused } from './backup-prober.ts';

/** The newest archives that are looked at: others may use the same repository. */
const LAST = 200;

export const borgProber: Prober = {
  tool: 'borg',
  programs: ['/usr/bin/borg', '/usr/local/bin/borg'],
  access: borgAccess,
  ask: async (run, snapshotHost, scratch): Promise<Asked> => {
    const listed = await run(
      ['list', '--json', '--bypass-lock', '--last', String(LAST), '--format', '{hostname}{start}{id}'],
      {
        BORG_CACHE_DIR: `${scratch}/cache`,
        BORG_SECURITY_DIR: `${scratch}/security`,
        // Both would be asked of somebody: the directories just made know no repository.
        BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
        BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
        // borg writes local time without a zone.
        TZ: 'UTC',
      },
    );
    if ('problem' in listed) return refused(listed.problem);
    if (listed.status !== 0) return refused(borgProblem(listed.stderr));
    return borgSeen(listed.stdout, snapshotHost) ?? refused('not-understood');
  },
};

const listSchema = z.looseObject({
  encryption: z.looseObject({ mode: z.string().max(60) }).optional(),
  repository: z.looseObject({ id: z.string().regex(/^[0-9a-f]{64}$/) }),
  archives: z.array(
    z.looseObject({
      start: z.iso.datetime({ local: true }),
      hostname: z.string().max(255),
      id: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** What `borg list --json` says, from this host's point of view. Undefined where it is something else. */
export function borgSeen(json: string, snapshotHost: string): Asked | undefined {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = listSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { archives, repository, encryption } = parsed.data;
  const own = archives.filter(({ hostname }) => hostname === snapshotHost);
  // Older ones were not asked for: nothing can be said of a host that is not among the newest.
  if (own.length === 0 && archives.length >= LAST) return undefined;
  const newest = own
    .map(({ start, id }): SnapshotSeen => ({ at: new Date(`${start}Z`).toISOString(), id, paths: [] }))
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, MAX_GROUPS);
  const outcome: ProbeResult['outcome'] = {
    opened: true,
    newest,
    own: own.length,
    others: archives.length - own.length,
  };
  return { outcome, id: repository.id, ...(encryption ? { encryption: encryption.mode } : {}) };
}

/** By borg's words. The text itself goes no further. */
export function borgProblem(stderr: string): ProbeProblem {
  const says = (pattern: RegExp): boolean => pattern.test(stderr);
  if (says(/passphrase supplied|can not acquire a passphrase|no key file for repository|no passphrase/i))
    return 'wrong-password';
  if (says(/failed to create\/acquire the lock|lock timeout/i)) return 'locked';
  if (
    says(
      /connection (?:closed|refused|reset|timed out)|could not resolve|no route to host|network is unreachable|host key verification|permission denied|is borg working on the server/i,
    )
  )
    return 'unreachable';
  if (says(/repository \S+ does not exist|is not a valid repository/i)) return 'no-repository';
  if (says(/integrity error|inconsistency detected|manifest|unexpected object|index mismatch|traceback/i))
    return 'damaged';
  return 'failed';
}
