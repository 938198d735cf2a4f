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

/**
 * Sorted by name. Only what is backed by a device: no loop, RAM, LVM or RAID volumes; of several paths to one disk the
 * first, whether multipathd brings them together or nobody does. Undefined: they could not be listed, or are too many, so that what is missing is not gone.
 */
export async function readDisks(host: Host): Promise<Disk[] | undefined> {
  const names = await host.list('/sys/block');
  if (names.state !== 'known') return undefined;
  const found = await Promise.all(
    names.value.filter((name) => !NOT_A_DISK.test(name)).map((name) => readDisk(host, name)),
  );
  const disks: Disk[] = [];
  const seen = new Set<string>();
  for (const disk of found) {
    if (disk === 'unreadable') return undefined;
    if (disk === undefined) continue;
    const units = [await multipathOf(host, disk.name), await unitOf(host, disk)].filter(
      (unit) => unit !== undefined,
    );
    const another = units.some((unit) => seen.has(unit));
    for (const unit of units) seen.add(unit);
    if (!another) disks.push(disk);
  }
  return disks.length > MAX_DISKS ? undefined : disks;
}

/** The multipath device that `name` is a path of: /sys/block/NAME/holders, and its dm/uuid `mpath-...`. */
async function multipathOf(host: Host, name: string): Promise<string | undefined> {
  const holders = await host.list(`/sys/block/${name}/holders`);
  if (holders.state !== 'known') return undefined;
  for (const holder of holders.value.filter((one) => /^dm-\d+$/.test(one))) {
    const uuid = await firstLine(host, `/sys/block/${holder}/dm/uuid`);
    if (uuid?.startsWith('mpath-')) return uuid;
  }
  return undefined;
}

/**
 * The worldwide name of the disk with its serial number: two devices that share both are two paths to one. By the number
 * alone they could be two disks of which one lies. NAA and EUI-64 are worldwide; SPC-5, "Designation descriptor".
 */
async function unitOf(host: Host, { name, serial, bytes }: Disk): Promise<string | undefined> {
  if (serial === '') return undefined;
  const at = `/sys/block/${name}`;
  const id = (await firstLine(host, `${at}/device/wwid`)) ?? (await firstLine(host, `${at}/wwid`));
  return id && /^(?:naa|eui)\.[0-9a-f]{16,32}$/i.test(id) ? `${id} ${serial} ${bytes}` : undefined;
}

async function readDisk(host: Host, name: string): Promise<Disk | 'unreadable' | undefined> {
  const at = `/sys/block/${name}`;
  const device = await host.stat(`${at}/device`);
  if (device.state !== 'known') return device.state === 'absent' ? undefined : 'unreadable';
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
  const rotational = await firstLine(host, `${at}/queue/rotational`);
  return {
    name: clean(name),
    serial: clean(serial),
    model: clean(model),
    // sysfs counts sectors of 512 bytes, whatever the disk's own are.
    bytes: Number.isSafeInteger(sectors * 512) && sectors > 0 ? sectors * 512 : 0,
    ...(rotational === '0' || rotational === '1' ? { rotational: rotational === '1' } : {}),
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
