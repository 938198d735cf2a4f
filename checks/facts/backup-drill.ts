/**
 * The restore drills of this host (agent/drill), one file per job: /var/lib/nachweis/backup/drill-*.json. They decide an
 * outcome, so a file counts only where nobody but root could have written it or put it there.
 */
import { z } from 'zod';
import { drillSchema } from '../../shared/drill.ts';
import { sha256HexSchema } from '../../shared/identifier.ts';
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { RESULT_DIRECTORY } from './backup-result.ts';

const entrySchema = z.strictObject({
  drill: drillSchema,
  /** SHA-256 of the envelope that was signed and spooled for the collector; null: there is none. */
  record: sha256HexSchema.nullable(),
});

export const drillFileSchema = z
  .strictObject({
    format: z.literal('nachweis.drill-results/1'),
    /** Name of the machine: a file copied from another one does not count. */
    host: z.string().min(1).max(255),
    latest: entrySchema,
    /** The last one that ended equal or unequal. */
    conclusive: entrySchema.nullable(),
  })
  .refine(({ conclusive }) => conclusive === null || /^(?:equal|unequal)$/.test(conclusive.drill.outcome));
export type DrillFile = z.output<typeof drillFileSchema>;

export interface DrillSeen {
  readonly source: string;
  readonly drills?: DrillFile;
  /** Why it does not count. */
  readonly problem?: Text;
}

/** One entry per file; empty where there never was a drill. */
export const backupDrills = defineFact<readonly DrillSeen[]>({
  id: 'backup-drills',
  collect: async (host): Promise<Fact<readonly DrillSeen[]>> => {
    const names = await host.list(RESULT_DIRECTORY);
    if (names.state === 'absent') return known([]);
    if (names.state === 'unreadable') return names;
    const files = names.value.filter((name) => /^drill-.+\.json$/.test(name));
    if (files.length === 0) return known([]);
    const open = !(await rootsAlone(host, RESULT_DIRECTORY));
    return known(
      await Promise.all(files.map((name) => readDrill(host, `${RESULT_DIRECTORY}/${name}`, open))),
    );
  },
});

const notRoots: Text = {
  en: 'not only root could have written it',
  de: 'nicht nur root könnte sie geschrieben haben',
};

/** The directory and all above it: who can rename one of them can put another in its place. */
async function rootsAlone(host: Host, directory: string): Promise<boolean> {
  const real = await host.realPath(directory);
  if (real.state !== 'known') return false;
  const parts = (path: string) => {
    const names = path.split('/').filter(Boolean);
    return ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
  };
  for (const each of new Set([...parts(directory), ...parts(real.value)])) {
    const stat = await host.stat(each);
    const acl = await host.acl(each);
    if (stat.state !== 'known' || stat.value.uid !== 0 || (stat.value.mode & 0o022) !== 0) return false;
    if (acl.state !== 'known' || acl.value.some((entry) => /^(?:user|group):[^:]+:.*w/.test(entry)))
      return false;
  }
  return true;
}

async function readDrill(host: Host, source: string, open: boolean): Promise<DrillSeen> {
  const link = await host.lstat(source);
  const acl = await host.acl(source);
  const file = await host.readText(source, { maxBytes: 256 * 1024 });
  if (file.state !== 'known') {
    const problem = file.state === 'unreadable' ? file.reason : { en: 'it vanished', de: 'ist verschwunden' };
    return { source, problem };
  }
  const { uid, mode } = file.value.stat;
  const others = acl.state !== 'known' || acl.value.some((entry) => /^(?:user|group):[^:]+:.*w/.test(entry));
  if (
    open ||
    others ||
    uid !== 0 ||
    (mode & 0o022) !== 0 ||
    link.state !== 'known' ||
    link.value.type !== 'file'
  )
    return { source, problem: notRoots };
  const drills = parseDrillFile(file.value.text);
  return drills
    ? { source, drills }
    : { source, problem: { en: 'it is not valid', de: 'sie ist nicht gültig' } };
}

/** Pure. Undefined for anything that no drill would have written. */
export function parseDrillFile(text: string): DrillFile | undefined {
  try {
    const parsed = drillFileSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
