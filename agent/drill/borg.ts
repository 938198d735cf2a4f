/**
 * How a drill takes files out of a borg repository: `borg extract --stdout` writes contents one after the other to standard
 * output, so borg itself makes no file, link or device, whatever the archive holds. The listing says where one ends and the
 * next begins. borg checks each piece against its id (a MAC where the repository is encrypted). No lock; cache and security
 * directory are thrown away. borg(1), "Environment Variables"; borg-list(1), borg-extract(1), borg-patterns(1).
 */
import { z } from 'zod';
import type { DrillProblem } from '../../shared/drill.ts';
import { borgAccess } from '../backup-access.ts';
import type { Ended } from '../backup-prober.ts';
import { borgProber, borgProblem } from '../probe-borg.ts';
import { type Attributes, modeOf } from './attributes.ts';
import { type Listing, ListingBuilder, parsedJson } from './listing.ts';
import {
  type DrillTool,
  type Listed,
  lineReader,
  type Opened,
  type Problem,
  type Restored,
  type Session,
  type Sink,
} from './tool.ts';

/** The newest archives that are looked at for one of this host that holds what is wanted. */
const LAST = 200;
const TRIED = 5;
const RERUNS = 10;

export const borgDrill: DrillTool = {
  tool: 'borg',
  programs: borgProber.programs,
  keepsRecord: true,
  marginMs: 2000,
  maxFiles: () => 500,
  needs: 16 * 1024 * 1024,
  access: borgAccess,
  open,
  restore,
};

const environment = ({ scratch }: Session): Record<string, string> => ({
  BORG_CACHE_DIR: `${scratch}/cache`,
  BORG_SECURITY_DIR: `${scratch}/security`,
  BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
  BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
  // borg writes local time without a zone.
  TZ: 'UTC',
});

const archivesSchema = z.looseObject({
  repository: z.looseObject({ id: z.string().regex(/^[0-9a-f]{64}$/) }),
  archives: z.array(
    z.looseObject({
      archive: z.string().max(1000),
      start: z.iso.datetime({ local: true }),
      hostname: z.string().max(255),
      id: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

async function open(session: Session): Promise<Opened | Problem> {
  const listed = await session.run(
    ['list', '--json', '--bypass-lock', '--last', String(LAST), '--format', '{hostname}{start}{id}'],
    { environment: environment(session) },
  );
  const problem = wrong(listed);
  if (problem) return { problem };
  const all = archivesSchema.safeParse('stdout' in listed ? parsedJson(listed.stdout) : undefined);
  if (!all.success) return { problem: 'not-understood' };
  const own = all.data.archives
    .filter(
      ({ hostname, archive }) =>
        hostname === session.snapshotHost && !/\.checkpoint(?:\.\d+)?$/.test(archive),
    )
    .sort((a, b) => (a.start < b.start ? 1 : -1));
  if (own.length === 0) return { problem: 'no-snapshot' };
  const opened = ({ start, archive, id }: (typeof own)[number], listed: Listing): Opened => ({
    snapshot: { id, at: new Date(`${start}Z`).toISOString() },
    // borg takes no id.
    handle: archive,
    repositoryId: all.data.repository.id,
    ...listed,
  });
  // Which paths an archive holds is not told before it is read: the newest of other jobs are passed over.
  for (const archive of own.slice(0, TRIED)) {
    const files = await list(session, archive.archive);
    if ('problem' in files) return files;
    if (files.files.length > 0) return opened(archive, files);
  }
  const [newest] = own;
  return newest ? opened(newest, { files: [], besides: [], more: false }) : { problem: 'no-snapshot' };
}

const itemSchema = z.looseObject({
  type: z.string(),
  path: z.string(),
  size: z.int().nonnegative(),
  linktarget: z.string().default(''),
  healthy: z.boolean().default(true),
  mode: z.string().default(''),
  uid: z.int().optional(),
  gid: z.int().optional(),
  mtime: z.string().default(''),
});

/** Times are without a zone; TZ is UTC. */
function attributesIn({ mode, uid, gid, mtime }: z.output<typeof itemSchema>): Attributes | undefined {
  const bits = modeOf(mode);
  const mtimeMs = Date.parse(`${mtime}Z`);
  if (bits === undefined || uid === undefined || gid === undefined || Number.isNaN(mtimeMs)) return undefined;
  return { mode: bits, uid, gid, mtimeMs };
}

async function list(session: Session, archive: string): Promise<Listing | Problem> {
  const listing = new ListingBuilder(session.wanted);
  const take = lineReader((line) => {
    const item = itemSchema.safeParse(parsedJson(line));
    if (!item.success || item.data.type !== '-') return true;
    const { path: name, size, healthy, linktarget } = item.data;
    return listing.add(
      {
        ...{ path: `/${name}`, name, attributes: attributesIn(item.data) },
        // What a repair has filled with zeros is not what was saved.
        size: healthy ? size : -1,
      },
      // A hard link's content comes with the first of its names.
      linktarget === '',
    );
  });
  const ended = await session.run(
    [
      ...[
        'list',
        '--json-lines',
        '--bypass-lock',
        '--format',
        '{type}{path}{size}{linktarget}{health}{mode}{uid}{gid}{mtime}',
      ],
      ...[`::${archive}`, ...session.wanted.map((path) => `pp:${path.slice(1)}`)],
    ],
    { environment: environment(session), take },
  );
  const problem = listing.more ? undefined : wrong(ended);
  return problem ? { problem } : listing.end();
}

async function restore(
  session: Session,
  { handle, files: order }: Opened,
  files: readonly Listed[],
  sinks: (index: number) => Sink,
): Promise<readonly Restored[]> {
  const answers: Restored[] = files.map(({ size }) =>
    size !== undefined && size < 0 ? { problem: 'damaged' } : undefined,
  );
  // borg writes in the archive's order.
  const at = new Map(order.map(({ path }, index) => [path, index]));
  let queue = files
    .map((file, index) => ({ file, index }))
    .filter(({ index }) => answers[index] === undefined)
    .sort((a, b) => (at.get(a.file.path) ?? 0) - (at.get(b.file.path) ?? 0));
  const tried = new Set<number>();
  for (let run = 0; queue.length > 0; run += 1) {
    const { done, problem } = await extract(session, handle, queue, sinks);
    const [stopped, ...rest] = queue.slice(done);
    if (!stopped) break;
    if (problem !== undefined && problem !== 'damaged') {
      for (const { index } of [stopped, ...rest]) answers[index] = { problem };
      return answers;
    }
    // Read once more before it is called damaged.
    const again = !tried.has(stopped.index);
    tried.add(stopped.index);
    if (!again) answers[stopped.index] = { problem: 'damaged' };
    queue = again ? [stopped, ...rest] : rest;
    if (run >= RERUNS) {
      for (const { index } of queue) answers[index] = { problem: 'damaged' };
      break;
    }
  }
  return answers;
}

interface Queued {
  readonly file: Listed;
  readonly index: number;
}

/** How many came out whole, and why it were not all. */
async function extract(
  session: Session,
  archive: string,
  queue: readonly Queued[],
  sinks: (index: number) => Sink,
): Promise<{ done: number; problem?: DrillProblem }> {
  let done = 0;
  let sink: Sink | undefined;
  const next = (): void => {
    // Files without content are whole as soon as it is their turn.
    for (let queued = queue[done]; queued; queued = queue[done]) {
      sink ??= sinks(queued.index);
      if (sink.bytes < (queued.file.size ?? 0)) return;
      sink.close();
      sink = undefined;
      done += 1;
    }
  };
  const ended = await session.run(
    ['extract', '--stdout', '--bypass-lock', `::${archive}`, ...queue.map(({ file }) => `pp:${file.name}`)],
    {
      environment: environment(session),
      take: (chunk) => {
        let rest = chunk;
        while (rest.length > 0) {
          next();
          const wanted = queue[done]?.file.size;
          // More than all of them together.
          if (!sink || wanted === undefined) return false;
          const room = wanted - sink.bytes;
          if (!sink.write(rest.subarray(0, room))) return false;
          rest = rest.subarray(room);
        }
        return true;
      },
    },
  );
  const whole = 'status' in ended && ended.status === 0;
  if (whole) next();
  else {
    // With an error the last bytes may be anything: only what is followed by another file counts.
    if (sink && sink.bytes >= (queue[done]?.file.size ?? 0)) sink.close();
  }
  sink?.close();
  if (whole && done === queue.length) return { done };
  const problem = wrong(ended) ?? 'damaged';
  return { done, problem: problem === 'failed' || problem === 'not-understood' ? 'damaged' : problem };
}

function wrong(ended: Ended): DrillProblem | undefined {
  if ('problem' in ended) return ended.problem;
  return ended.status === 0 ? undefined : borgProblem(ended.stderr);
}
