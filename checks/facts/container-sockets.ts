/**
 * Sockets of container engines: whoever may connect starts a container that sees the whole disk as root. What exists is
 * looked at; what systemd or the daemon would make, is read off their configuration. systemd.socket(5), dockerd(8)
 */
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { dockerDaemon } from './docker-daemon.ts';
import { readUnit, systemdUnits, unitList, unitValue } from './systemd-unit.ts';
import { pulledInUnits } from './wanted-units.ts';

export interface ContainerSocket {
  /** The socket, or the setting that makes it so. */
  readonly source: string;
  readonly line?: number;
  readonly engine: 'docker' | 'lxd';
  /** By number where the socket is there, by name where it is only planned; undefined where the group may not connect. */
  readonly group: number | string | undefined;
  /** Numbers of accounts that own it or that its ACL names, but for root. */
  readonly users: readonly number[];
  /** Numbers of groups that its ACL names. */
  readonly groups: readonly number[];
  readonly everybody: boolean;
}

const SOCKETS: ReadonlyMap<string, ContainerSocket['engine']> = new Map([
  ['/run/docker.sock', 'docker'],
  ['/run/podman/podman.sock', 'docker'],
  ['/run/containerd/containerd.sock', 'docker'],
  ['/run/crio/crio.sock', 'docker'],
  ['/run/k3s/containerd/containerd.sock', 'docker'],
  ['/var/lib/lxd/unix.socket', 'lxd'],
  ['/var/snap/lxd/common/lxd/unix.socket', 'lxd'],
  ['/var/lib/incus/unix.socket', 'lxd'],
]);
const NAMED = new Map([...SOCKETS].map(([path, engine]) => [path.replace(/^\/run\//, ''), engine]));

/** Only those that somebody but root may use. */
export const containerSockets = defineFact<readonly ContainerSocket[]>({
  id: 'container-sockets',
  collect: async (host, get): Promise<Fact<readonly ContainerSocket[]>> => {
    const found: ContainerSocket[] = [];
    for (const [path, engine] of SOCKETS) {
      const socket = await existing(host, path, engine);
      if (socket) found.push(socket);
    }
    const [tree, pulledIn] = [await get(systemdUnits), await get(pulledInUnits)];
    for (const name of pulledIn.state === 'known' ? pulledIn.value.keys() : []) {
      if (!name.endsWith('.socket') || tree.state !== 'known') continue;
      const unit = await readUnit(host, tree.value, name);
      if (unit.state === 'unreadable') return unit;
      if (unit.state !== 'known' || unit.value.state !== 'loaded') continue;
      const stream = unitList(unit.value, 'Socket', 'ListenStream').find(({ value }) => engineOf(value));
      if (!stream) continue;
      const value = (key: string) => unitValue(unit.value, 'Socket', key);
      const mode = Number.parseInt(value('SocketMode')?.value ?? '0666', 8);
      const place = value('SocketMode') ?? value('SocketGroup') ?? stream;
      const group = (mode & 0o060) === 0o060 ? value('SocketGroup')?.value : undefined;
      const everybody = (mode & 0o006) === 0o006;
      if (everybody || (group !== undefined && !/^(?:root|0)$/.test(group)))
        found.push({
          source: place.source,
          line: place.line,
          engine: engineOf(stream.value) ?? 'docker',
          group,
          users: [],
          groups: [],
          everybody,
        });
    }
    const daemon = await get(dockerDaemon);
    if (daemon.state === 'unreadable') return daemon;
    if (
      daemon.state === 'known' &&
      daemon.value.group !== undefined &&
      !/^(?:root|0)$/.test(daemon.value.group)
    )
      found.push({
        source: daemon.value.source,
        engine: 'docker',
        group: daemon.value.group,
        users: [],
        groups: [],
        everybody: false,
      });
    return known(found);
  },
});

const engineOf = (path: string): ContainerSocket['engine'] | undefined =>
  NAMED.get(path.replace(/^\/var\/run\/|^\/run\//, ''));

/** To connect takes the right to write it, and to pass through the directories above. @throws CouldNotLook */
async function existing(
  host: Host,
  path: string,
  engine: ContainerSocket['engine'],
): Promise<ContainerSocket | undefined> {
  const fact = await host.stat(path);
  const stat = fact.state === 'absent' ? undefined : valueIn(fact);
  if (stat?.type !== 'other') return undefined;
  for (let at = path.slice(0, path.lastIndexOf('/')); at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const above = valueIn(await host.stat(at));
    // Who may pass a directory of some group only is in that group: such a socket is not followed further.
    if (above.uid === 0 && above.gid === 0 && (above.mode & 0o011) === 0) return undefined;
  }
  const { uid, gid, mode } = stat;
  const acl = (mode & 0o020) === 0 ? [] : (await aclOf(host, path)).filter((one) => /:\d+:.w/.test(one));
  const numbers = (kind: string) =>
    acl.filter((one) => one.startsWith(`${kind}:`)).map((one) => Number(one.split(':')[1]));
  const group = (mode & 0o020) !== 0 && gid !== 0 ? gid : undefined;
  const users = [...(uid === 0 ? [] : [uid]), ...numbers('user').filter((id) => id !== 0)];
  const everybody = (mode & 0o002) !== 0;
  if (group === undefined && users.length === 0 && numbers('group').length === 0 && !everybody)
    return undefined;
  return { source: path, engine, group, users, groups: numbers('group'), everybody };
}

async function aclOf(host: Host, path: string): Promise<readonly string[]> {
  const fact = await host.acl(path);
  return fact.state === 'absent' ? [] : valueIn(fact);
}
