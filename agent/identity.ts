/**
 * What tells this machine from its clones, for reports: an id and the serial numbers of its disks.
 * systeminformation (lsblk, smartctl) is asked only for disks about which sysfs and udev say nothing, such as those
 * behind RAID controllers, and only here: it starts programs through a shell, which `nachweis check` never does.
 */
import { createHmac } from 'node:crypto';
import type { Host } from '../checks/host.ts';
import type { Machine } from '../shared/report.ts';
import type { Disk } from './disks.ts';
import { clean, firstLine } from './host-line.ts';

export async function withIdentity(machine: Machine, host: Host): Promise<Machine> {
  const id = await firstLine(host, '/etc/machine-id');
  const disks = machine.disks.every(({ serial }) => serial) ? machine.disks : await completed(machine.disks);
  return { ...machine, ...(id ? { machineId: appSpecific(id) } : {}), disks };
}

/** machine-id(5) asks not to show the id itself outside of the machine, but a keyed hash of it. */
const appSpecific = (id: string): string =>
  createHmac('sha256', id).update('nachweis.machine/1').digest('hex').slice(0, 32);

async function completed(disks: readonly Disk[]): Promise<Disk[]> {
  process.env.PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
  try {
    const { default: systeminformation } = await import('systeminformation');
    const layout = await systeminformation.diskLayout();
    return disks.map((disk) => {
      const found = layout.find(({ device }) => device === `/dev/${disk.name}`);
      return {
        ...disk,
        serial: disk.serial || clean(found?.serialNum ?? ''),
        model: disk.model || clean(found?.name ?? ''),
      };
    });
  } catch {
    // What it can't tell stays empty, as it was.
    return [...disks];
  }
}
