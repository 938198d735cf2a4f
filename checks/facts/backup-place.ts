/** On which device or host each job's repository is. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { optionValue } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import { backupJobs } from './backup-jobs.ts';
import { type Mount, mountAt, mountTable, parseFstab } from './mount-table.ts';
import { isOwn, mayBeOwn, type OwnNames, ownNames } from './own-names.ts';
import { mountedHost, type Place, repositoryPlace } from './repository-place.ts';
import { type SshAlias, sshAlias } from './ssh-alias.ts';

export interface JobPlace {
  readonly job: BackupJob;
  /** `here`: lost together with this system. */
  readonly where: 'elsewhere' | 'here' | 'unclear';
  /** Why it counts or does not. */
  readonly why: Text;
}

const NETWORK =
  /^(?:nfs4?|cifs|smb3|smbfs|ceph|afs|ncpfs|davfs|fuse\.(?:sshfs|rclone|s3fs|glusterfs|davfs2?|goofys|ceph|juicefs))$/;
const UNCLEAR = /^(?:autofs|9p|virtiofs|fuse|fuse\.(?:mergerfs|gocryptfs|encfs|bindfs))$/;
/** Kinds of rclone's remotes that stand for another one, or for this system. */
const INDIRECT = /^(?:local|alias|crypt|union|combine|chunker|cache|compress|hasher|memory)$/;

/** One entry per job that can work. */
export const backupPlaces = defineFact<readonly JobPlace[]>({
  id: 'backup-places',
  collect: async (host, get): Promise<Fact<readonly JobPlace[]>> => {
    const { jobs } = valueIn(await get(backupJobs));
    const working = jobs.filter(({ problem }) => !problem);
    if (working.length === 0) return known([]);
    const own = valueIn(await get(ownNames));
    const mounts = await get(mountTable);
    const table = mounts.state === 'known' ? mounts.value : undefined;
    const alias = await sshAlias(host);
    return known(await Promise.all(working.map((job) => placeOf(host, job, { ...own, alias }, table))));
  },
});

type Known = OwnNames & { readonly alias: SshAlias };
/** Addresses that are reached by ssh, to which a name may mean another host. */
const BY_SSH = /^(?:(?:sftp|ssh|scp|rsync):|[^/]+:(?!\/\/))/;

async function placeOf(
  host: Host,
  job: BackupJob,
  own: Known,
  mounts: readonly Mount[] | undefined,
): Promise<JobPlace> {
  const at = endpointOf(job) ?? job.location;
  const place = at === undefined ? undefined : repositoryPlace(at);
  const say = (where: JobPlace['where'], en: string, de: string): JobPlace => ({
    job,
    where,
    why: { en, de },
  });
  if (!place)
    return say('unclear', 'its name does not tell where it is', 'der Name verrät nicht, wo es liegt');
  if (place.kind === 'service')
    return say('elsewhere', `storage of ${place.service}`, `Speicher bei ${place.service}`);
  if (place.kind === 'rclone') return rclonePlace(host, job, own, place.remote);
  if (place.kind === 'host') return hostPlace(say, own, place.host, BY_SSH.test(at ?? ''));
  return pathPlace(host, say, own, mounts, place);
}

/** A bucket may be at a service of one's own. */
const endpointOf = ({ call }: BackupJob): string | undefined =>
  call?.tool === 'duplicity' ? optionValue(call.options, '--s3-endpoint-url') : undefined;

type Say = (where: JobPlace['where'], en: string, de: string) => JobPlace;

function hostPlace(say: Say, own: Known, name: string, bySsh: boolean): JobPlace {
  if (isOwn(own, name)) return say('here', `${name} is this system`, `${name} ist dieses System`);
  const meant = bySsh ? own.alias(name) : { host: name };
  if (meant === 'unclear')
    return say(
      'unclear',
      `a Match block of ssh decides which host ${name} is`,
      `welches System ${name} ist, entscheidet ein Match-Block von ssh`,
    );
  if (isOwn(own, meant.host))
    return say(
      'here',
      `${name} is this system to ssh (${meant.host})`,
      `${name} ist für ssh dieses System (${meant.host})`,
    );
  if (mayBeOwn(own, meant.host))
    return say(
      'unclear',
      `${meant.host} may be this system, whose domain is not known here`,
      `${meant.host} kann dieses System sein, dessen Domäne hier nicht bekannt ist`,
    );
  return say('elsewhere', `on the host ${name}`, `auf dem System ${name}`);
}

async function rclonePlace(host: Host, job: BackupJob, own: Known, remote: string): Promise<JobPlace> {
  const path = job.call?.environment.RCLONE_CONFIG ?? '/root/.config/rclone/rclone.conf';
  const file = await host.readText(path, { maxBytes: 256 * 1024, encoding: 'latin1' });
  let section = '';
  let type: string | undefined;
  let isHere = false;
  for (const line of file.state === 'known' ? file.value.text.split('\n') : []) {
    const name = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) section = name;
    else if (section === remote) {
      type ??= /^\s*type\s*=\s*([\w -]+?)\s*$/.exec(line)?.[1];
      const at = /^\s*(?:host|url|endpoint)\s*=\s*(?:[a-z]+:\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^\s/:]+)/.exec(
        line,
      )?.[1];
      if (at !== undefined && isOwn(own, at.replace(/^\[|\]$/g, ''))) isHere = true;
    }
  }
  if (isHere) {
    const here = {
      en: `the rclone remote ${remote} is this system`,
      de: `das rclone-Ziel ${remote} ist dieses System`,
    };
    return { job, where: 'here', why: here };
  }
  if (type !== undefined && !INDIRECT.test(type)) {
    return {
      job,
      where: 'elsewhere',
      why: { en: `rclone, storage of the kind ${type}`, de: `rclone, Speicher der Art ${type}` },
    };
  }
  const why = {
    en: `which storage the rclone remote ${remote} is could not be told`,
    de: `welcher Speicher hinter dem rclone-Ziel ${remote} liegt, war nicht festzustellen`,
  };
  return { job, where: 'unclear', why };
}

async function pathPlace(
  host: Host,
  say: Say,
  own: Known,
  mounts: readonly Mount[] | undefined,
  { path }: Extract<Place, { kind: 'path' }>,
): Promise<JobPlace> {
  const real = await nearest(host, path);
  const mount = mounts && mountAt(mounts, real);
  if (!mount) {
    return host.live || mounts === undefined
      ? say(
          'unclear',
          'the mounted file systems could not be read',
          'die eingehängten Dateisysteme waren nicht lesbar',
        )
      : say('here', 'a directory of this system', 'ein Verzeichnis dieses Systems');
  }
  const { point, type, source } = mount;
  if (NETWORK.test(type)) {
    const name = mountedHost(source);
    const place = name === undefined ? undefined : hostPlace(say, own, name, type === 'fuse.sshfs');
    if (place && place.where !== 'elsewhere') return place;
    const from = name === undefined ? '' : ` (${name})`;
    return say(
      'elsewhere',
      `${point} is mounted by ${type}${from}`,
      `${point} ist per ${type} eingehängt${from}`,
    );
  }
  if (UNCLEAR.test(type)) {
    return say(
      'unclear',
      `${point} is of the kind ${type}, behind which anything may be`,
      `${point} ist von der Art ${type}, hinter der alles liegen kann`,
    );
  }
  const fstab = host.live ? await host.readText('/etc/fstab', { encoding: 'latin1' }) : undefined;
  const planned = fstab?.state === 'known' ? mountAt(parseFstab(fstab.value.text), real) : undefined;
  if (planned && planned.point.length > point.length && NETWORK.test(planned.type)) {
    return say(
      'unclear',
      `${planned.point} is not mounted at the moment`,
      `${planned.point} ist zurzeit nicht eingehängt`,
    );
  }
  const device = /^\/dev\//.test(source) ? source : type;
  return say('here', `${point} is ${device} of this system`, `${point} ist ${device} dieses Systems`);
}

/** The path without links, as far as it is there. */
async function nearest(host: Host, path: string): Promise<string> {
  const whole = path.replace(/\/+$/, '');
  for (let at = whole; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const real = await host.realPath(at);
    if (real.state === 'known')
      return real.value === '/' ? whole.slice(at.length) : real.value + whole.slice(at.length);
  }
  return whole || '/';
}
