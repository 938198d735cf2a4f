/**
 * A control group of its own for each container. Where the first process of this machine is not systemd,
 * systemd-nspawn puts every container below the group that it was started in: two of them would share one, and
 * a unit stopped in one would be stopped in the other.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'nachweis-test-';

export interface ContainerCgroup {
  readonly name: string;
  /** One directory per hierarchy that systemd uses: the unified one, and `name=systemd` where that is mounted. */
  readonly paths: readonly string[];
  /** Nothing may run in it any more. */
  remove(): void;
}

/** @param serial makes the name, with this process's id: `nachweis-test-PID-SERIAL` */
export function containerCgroup(serial: number): ContainerCgroup {
  const within = hierarchies();
  within.forEach(removeOrphans);
  const name = `${PREFIX}${process.pid}-${serial}`;
  const paths = within.map((path) => join(path, name));
  for (const path of paths) mkdirSync(path, { recursive: true });
  return { name, paths, remove: () => paths.forEach(removeGroup) };
}

/** Those of test processes that were killed. */
function removeOrphans(within: string): void {
  for (const name of readdirSync(within)) {
    const owner = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : undefined;
    if (owner && !existsSync(`/proc/${owner}`)) removeGroup(join(within, name));
  }
}

/** Where this process is, in each of the hierarchies: cgroups(7), proc(5). */
function hierarchies(): string[] {
  const own = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [mount = '', filesystem = ''] = line.split(' - ');
      const [, , , root = '', point = ''] = mount.split(' ');
      const [type, , options = ''] = filesystem.split(' ');
      const unified = type === 'cgroup2';
      if (!unified && !(type === 'cgroup' && options.split(',').includes('name=systemd'))) return [];
      const group = own
        .map((entry) => entry.split(':'))
        .find(([id, names]) => (unified ? id === '0' : names === 'name=systemd'))?.[2];
      if (group === undefined) return [];
      return [join(point, root === '/' ? group : group.slice(root.length))];
    });
}

/** Groups have no content to delete: empty ones go, from the innermost to the outermost. */
function removeGroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(path, entry.name));
  }
  try {
    rmdirSync(path);
  } catch (error) {
    // A process of it is just ending: an empty group left behind harms nobody.
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  }
}
