/**
 * The disks of this machine, by serial number: a disk that vanishes must be accounted for (erasure, disposal).
 * Read from sysfs and udev's database, so that the same disks give the same list in every run.
 */
import type { Host } from '../checks/host.ts';
import type { Machine } from '../shared/report.ts';
import { clean, firstLine } from './host-line.ts';

export type Disk = Machine['disks'][number];

/** Optical and floppy drives, and the hidden paths of multipath NVMe, are no disks of their own. */
const NOT_A_DISK = /^(?:sr|fd|loop|ram|zram|nvme\d+c\d+n)\d*/;
const MAX_DISKS = 256;

/** Sorted by name. Only what is backed by a device: no loop, RAM, LVM or RAID volumes. */
export async function readDisks(host: Host): Promise<Disk[]> {
  const names = await host.list('/sys/block');
  if (names.state !== 'known') return [];
  const disks = await Promise.all(
    names.value.filter((name) => !NOT_A_DISK.test(name)).map((name) => readDisk(host, name)),
  );
  return disks.filter((disk) => disk !== undefined).slice(0, MAX_DISKS);
}

async function readDisk(host: Host, name: string): Promise<Disk | undefined> {
  const at = `/sys/block/${name}`;
  if ((await host.stat(`${at}/device`)).state !== 'known') return undefined;
  if ((await firstLine(host, `${at}/removable`)) === '1') return undefined;
  const sectors = Number(await firstLine(host, `${at}/size`));
  const udev = await udevProperties(host, await firstLine(host, `${at}/dev`));
  const serial =
    (await firstLine(host, `${at}/serial`)) ??
    (await firstLine(host, `${at}/device/serial`)) ??
    udev.get('ID_SERIAL_SHORT') ??
    udev.get('ID_SCSI_SERIAL') ??
    '';
  const model = (await firstLine(host, `${at}/device/model`)) ?? udev.get('ID_MODEL') ?? '';
  return {
    name: clean(name),
    serial: clean(serial),
    model: clean(model),
    // sysfs counts sectors of 512 bytes, whatever the disk's own are.
    bytes: Number.isSafeInteger(sectors * 512) && sectors > 0 ? sectors * 512 : 0,
  };
}

async function udevProperties(host: Host, device: string | undefined): Promise<Map<string, string>> {
  if (!device || !/^\d+:\d+$/.test(device)) return new Map();
  const file = await host.readText(`/run/udev/data/b${device}`, { encoding: 'latin1' });
  if (file.state !== 'known') return new Map();
  return new Map(
    file.value.text.split('\n').flatMap((line) => {
      const [, name, value] = /^E:([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      return name && value ? [[name, value] as const] : [];
    }),
  );
}
