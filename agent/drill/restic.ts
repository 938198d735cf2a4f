/**
 * How a drill takes files out of a restic repository: `restic dump` writes one file's content to standard output, so restic
 * itself makes no file, link or device, whatever the repository holds. restic compares each piece with the SHA-256 that
 * names it. Without a lock and without a cache. restic(1), "Restoring from backup".
 */
import { z } from 'zod';
import type { DrillProblem } from '../../shared/drill.ts';
import { accessTo } from '../backup-access.ts';
import type { Ended } from '../backup-prober.ts';
import { problemIn, resticProber, snapshotsSchema } from '../probe-restic.ts';
import { type Attributes, modeOfGo } from './attributes.ts';
import { type Listing, ListingBuilder, parsedJson } from './listing.ts';
import {
  type DrillTool,
  isBelow,
  type Listed,
  lineReader,
  type Opened,
  type Problem,
  type Restored,
  type Session,
  type Sink,
} from './tool.ts';

const QUIET = ['--no-lock', '--no-cache'];
const DAY_MS = 86_400_000;

export const resticDrill: DrillTool = {
  tool: 'restic',
  programs: resticProber.programs,
  keepsRecord: true,
  marginMs: 2000,
  maxFiles: () => 500,
  needs: 0,
  access: accessTo,
  open,
  restore: async (session, { handle }, files, sinks) => {
    const answers: Restored[] = [];
    for (const [index, file] of files.entries()) {
      // Read once more before it is called damaged: a network has its moods too.
      let answer = await dump(session, handle, file, sinks(index));
      if (answer?.problem === 'damaged') answer = await dump(session, handle, file, sinks(index));
      if (answer?.problem === 'damaged' && (await isLocked(session))) answer = { problem: 'locked' };
      answers.push(answer);
      if (answer && answer.problem !== 'damaged') break;
    }
    return answers;
  },
};

async function open(session: Session): Promise<Opened | Problem> {
  const listed = await session.run(['snapshots', '--json', ...QUIET]);
  const problem = wrong(listed);
  if (problem) return { problem };
  const json = 'stdout' in listed ? parsedJson(listed.stdout) : undefined;
  const all = snapshotsSchema.safeParse(json === undefined ? undefined : (json ?? []));
  if (!all.success) return { problem: 'not-understood' };
  const own = all.data
    .filter(({ hostname }) => hostname === session.snapshotHost)
    .sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  const [newest] = own;
  if (!newest) return { problem: 'no-snapshot' };
  // Others of this host may hold other paths.
  const touching = own.find(({ paths }) =>
    (paths ?? []).some((path) => session.wanted.some((want) => isBelow(want, path) || isBelow(path, want))),
  );
  const { id, time } = touching ?? newest;
  const files = await list(session, id);
  if ('problem' in files) return files;
  const config = await session.run(['cat', 'config', ...QUIET]);
  const repositoryId = 'stdout' in config ? /"id":\s*"([0-9a-f]{64})"/.exec(config.stdout)?.[1] : undefined;
  return {
    ...files,
    snapshot: { id, at: new Date(Date.parse(time)).toISOString() },
    handle: id,
    ...(repositoryId ? { repositoryId } : {}),
  };
}

const nodeSchema = z.looseObject({
  struct_type: z.literal('node'),
  type: z.string(),
  path: z.string(),
  size: z.int().nonnegative().default(0),
  mode: z.int().optional(),
  uid: z.int().optional(),
  gid: z.int().optional(),
  mtime: z.string().optional(),
});

function attributesIn({ mode, uid, gid, mtime = '' }: z.output<typeof nodeSchema>): Attributes | undefined {
  const mtimeMs = Date.parse(mtime);
  if (mode === undefined || uid === undefined || gid === undefined || Number.isNaN(mtimeMs)) return undefined;
  return { mode: modeOfGo(mode), uid, gid, mtimeMs };
}

async function list(session: Session, id: string): Promise<Listing | Problem> {
  const listing = new ListingBuilder(session.wanted);
  const take = lineReader((line) => {
    const node = nodeSchema.safeParse(parsedJson(line));
    if (!node.success || node.data.type !== 'file') return true;
    const { path, size } = node.data;
    return listing.add({ path, name: path, size, attributes: attributesIn(node.data) });
  });
  const ended = await session.run(['ls', '--json', '--recursive', ...QUIET, id, ...session.wanted], { take });
  const problem = listing.more ? undefined : wrong(ended);
  return problem ? { problem } : listing.end();
}

async function dump(session: Session, id: string, file: Listed, sink: Sink): Promise<Problem | undefined> {
  let tooMuch = false;
  const ended = await session.run(['dump', ...QUIET, id, file.name], {
    take: (chunk) => {
      tooMuch = !sink.write(chunk);
      return !tooMuch;
    },
  });
  sink.close();
  if (tooMuch || ('status' in ended && ended.status === 0 && sink.bytes !== file.size))
    return { problem: 'damaged' };
  const problem = wrong(ended);
  // It opened, it listed, and this one file does not come out.
  return problem && { problem: problem === 'failed' ? 'damaged' : problem };
}

/** An exclusive lock younger than a day: somebody is removing old data, and pieces may be gone that were just listed. */
async function isLocked(session: Session): Promise<boolean> {
  const listed = await session.run(['list', 'locks', ...QUIET]);
  const ids =
    'stdout' in listed ? listed.stdout.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line)) : [];
  for (const id of ids.slice(0, 5)) {
    const shown = await session.run(['cat', 'lock', id, ...QUIET]);
    const lock = 'stdout' in shown ? lockSchema.safeParse(parsedJson(shown.stdout)) : undefined;
    if (lock?.success && lock.data.exclusive && Date.parse(lock.data.time) > Date.now() - DAY_MS) return true;
  }
  return false;
}
const lockSchema = z.looseObject({ time: z.string(), exclusive: z.boolean().default(false) });

function wrong(ended: Ended): DrillProblem | undefined {
  if ('problem' in ended) return ended.problem;
  if (ended.status === 0 && !/could not load snapshot|failed to load/i.test(ended.stderr)) return undefined;
  return problemIn(ended.stderr, ended.status);
}
