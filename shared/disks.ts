/**
 * Which disks of a machine can be told apart. Only a disk with a serial number of its own can be missed when it is
 * gone; what has none (empty, a placeholder, the same as another's, a volume behind a controller) is counted and
 * named, never taken for one that was watched.
 */
import type { Text } from './outcome.ts';
import type { Machine } from './report.ts';

export type SeenDisk = Machine['disks'][number];

export interface UnidentifiedDisk {
  readonly disk: SeenDisk;
  readonly why: (typeof unidentifiedReasons)[number];
}
export const unidentifiedReasons = ['no-serial', 'placeholder', 'virtual', 'volume', 'duplicate'] as const;

/** Labels and kernels write the same number in different cases and with blanks. */
export const normalSerial = (serial: string): string => serial.replace(/\s+/g, '').toUpperCase();

/** What firmware and hypervisors put where nobody set a number. */
const PLACEHOLDER =
  /^(?:(.)\1*|0?123456789(?:ABCDEF?|0)?\w{0,4}|QM0000\d|DRIVE-?(?:SCSI|VIRTIO|IDE|SATA)\d*|N\/?A|NONE|NULL|UNKNOWN|NOTSPECIFIED|NOTAVAILABLE|DEFAULTSTRING|TOBEFILLEDBYO\.?E\.?M\.?|SERIAL(?:NUMBER)?|QEMU.*|VIRTUAL.*)$/;

const VIRTUAL = /\b(?:QEMU|VBOX|VMware|Virtual (?:disk|HD)|Virtual_Disk|VIRTIO|Msft)\b/i;

/** Volumes of RAID controllers: the disks behind them come and go unseen (smartctl(8), -d megaraid and others). */
const VOLUME =
  /\b(?:PERC|MegaRAID|MR9\d{3}|LOGICAL VOLUME|ServeRAID|RAID\d*|SmartArray|HP P\d{3})\b|\bMR\d{3,4}-/i;

export function isPlaceholder(serial: string): boolean {
  const plain = normalSerial(serial);
  return plain.length < 4 || PLACEHOLDER.test(plain);
}

/** Splits what a report lists; identified ones by their normal serial. */
export function tellApart(disks: readonly SeenDisk[]): {
  readonly identified: ReadonlyMap<string, SeenDisk>;
  readonly unidentified: readonly UnidentifiedDisk[];
} {
  const bySerial = Map.groupBy(disks, ({ serial }) => normalSerial(serial));
  const identified = new Map<string, SeenDisk>();
  const unidentified: UnidentifiedDisk[] = [];
  for (const disk of disks) {
    const serial = normalSerial(disk.serial);
    const why =
      serial === ''
        ? 'no-serial'
        : VIRTUAL.test(disk.model) || /^x?vd[a-z]/.test(disk.name)
          ? 'virtual'
          : VOLUME.test(disk.model)
            ? 'volume'
            : isPlaceholder(serial)
              ? 'placeholder'
              : (bySerial.get(serial)?.length ?? 0) > 1
                ? 'duplicate'
                : undefined;
    if (why) unidentified.push({ disk, why });
    else identified.set(serial, disk);
  }
  return { identified, unidentified };
}

/**
 * Whether a disk that can't be told apart may be one that could be once: the same number (said twice now), or none
 * where one of that size was.
 */
export const mayBe = (disk: SeenDisk, known: { readonly serial: string; readonly bytes: number }): boolean =>
  normalSerial(disk.serial) === known.serial || (disk.serial === '' && disk.bytes === known.bytes);

export const unidentifiedWords: Record<UnidentifiedDisk['why'], Text> = {
  'no-serial': { de: 'ohne Seriennummer', en: 'no serial number' },
  placeholder: { de: 'Platzhalter statt Seriennummer', en: 'a placeholder for a serial number' },
  virtual: { de: 'virtueller Datenträger', en: 'a virtual disk' },
  volume: {
    de: 'Verbund hinter einem Controller; seine Datenträger sind nicht zu sehen',
    en: 'a volume behind a controller; its disks can not be seen',
  },
  duplicate: { de: 'Seriennummer mehrfach vorhanden', en: 'a serial number that is there twice' },
};

/** Flash does not rotate, and NVMe is always flash; undefined where the kernel does not say. */
export const isFlash = ({ name, rotational }: Pick<SeenDisk, 'name' | 'rotational'>): boolean | undefined =>
  name.startsWith('nvme') ? true : rotational === undefined ? undefined : !rotational;
