/** The disks of a machine as sysfs shows them: one for each piece of hardware, however many paths lead to it. */
import { describe, expect, it } from 'vitest';
import { readDisks } from '../../agent/disks.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { tellApart } from '../../shared/disks.ts';

interface Device {
  readonly serial?: string;
  readonly model?: string;
  readonly wwid?: string;
  /** uuid of the device-mapper device above it. */
  readonly holder?: string;
}

type Files = Record<string, string | { directory: true }>;

/** sysfs of these devices; all of one size. */
function sysfs(devices: Readonly<Record<string, Device>>) {
  const files: Files = {};
  for (const [name, { serial = '', model = 'ST4000NM0023', wwid, holder }] of Object.entries(devices)) {
    const at = `/sys/block/${name}`;
    files[`${at}/size`] = '7814037168\n';
    files[`${at}/device/model`] = `${model}\n`;
    files[`${at}/device/serial`] = `${serial}\n`;
    files[`${at}/queue/rotational`] = '1\n';
    if (wwid) files[`${at}/device/wwid`] = `${wwid}\n`;
    if (holder) {
      files[`${at}/holders/dm-0/name`] = '\n';
      files['/sys/block/dm-0/dm/uuid'] = `${holder}\n`;
    }
  }
  return memoryHost({ files });
}

const names = async (devices: Readonly<Record<string, Device>>) =>
  (await readDisks(sysfs(devices)))?.map(({ name, serial }) => `${name} ${serial}`);

describe('one disk with several paths', () => {
  const wwid = 'naa.5000c500a1b2c3d4';

  it('is one where multipathd brings them together', async () => {
    const holder = 'mpath-35000c500a1b2c3d4';
    expect(await names({ sda: { serial: 'Z1X', holder }, sdb: { serial: 'Z1X', holder } })).toEqual([
      'sda Z1X',
    ]);
  });

  it('is one where nobody does: the same worldwide name and serial number', async () => {
    const devices = {
      sda: { serial: 'Z1XAAAA', wwid },
      sdb: { serial: 'Z1XAAAA', wwid },
      sdc: { serial: 'Z1XBBBB', wwid: 'naa.5000c500a1b2c3d5' },
    };
    expect(await names(devices)).toEqual(['sda Z1XAAAA', 'sdc Z1XBBBB']);
    // And so it can be told apart, and missed when it is gone.
    const { identified, unidentified } = tellApart((await readDisks(sysfs(devices))) ?? []);
    expect([[...identified.keys()], unidentified]).toEqual([['Z1XAAAA', 'Z1XBBBB'], []]);
  });

  it.each<[string, Device, Device]>([
    [
      'the same number under two worldwide names',
      { serial: 'Z1XAAAA', wwid },
      { serial: 'Z1XAAAA', wwid: 'naa.5000c500a1b2c3d5' },
    ],
    ['one worldwide name under two numbers', { serial: 'Z1XAAAA', wwid }, { serial: 'Z1XBBBB', wwid }],
    [
      'a name that is not worldwide',
      { serial: 'Z1XAAAA', wwid: 't10.ATA x' },
      { serial: 'Z1XAAAA', wwid: 't10.ATA x' },
    ],
    ['no number at all', { wwid }, { wwid }],
  ])('is not taken for one by %s', async (_, sda, sdb) => {
    expect(await names({ sda, sdb })).toHaveLength(2);
  });
});

it('names the volumes of a RAID controller as such: the disks behind it can not be seen', async () => {
  const disks = await readDisks(
    sysfs({
      sda: { serial: '00d6f1a2b3c4', model: 'PERC H730P Mini' },
      sdb: { serial: '600508b1001c', model: 'LOGICAL VOLUME' },
      sdc: { serial: '0025384a', model: 'MR9361-8i' },
      sdd: { serial: 'WD-WCC4E1', model: 'WDC WD40EFRX' },
    }),
  );
  const { identified, unidentified } = tellApart(disks ?? []);
  expect(unidentified.map(({ disk, why }) => [disk.name, why])).toEqual([
    ['sda', 'volume'],
    ['sdb', 'volume'],
    ['sdc', 'volume'],
  ]);
  expect([...identified.keys()]).toEqual(['WD-WCC4E1']);
});
