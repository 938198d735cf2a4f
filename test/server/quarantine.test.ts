/** One machine rolled back, or two under one key? The order of their marks as a table. */
import { expect, it } from 'vitest';
import { machineIdentity, type RollbackMark, showsClones } from '../../server/ingest/quarantine.ts';
import { machine } from '../support/host.ts';

/** `sequence<from`, oldest first; `A` or `B` in front is the machine it comes from. */
function marks(text: string): RollbackMark[] {
  let before = 'A';
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [, who = 'A', sequence, from] = /^([AB]?)(\d+)<(\d+)$/.exec(word) ?? [];
      const mark = {
        host_id: 'h',
        sequence: Number(sequence),
        from_sequence: Number(from),
        machine_before: before,
        machine_after: who || 'A',
        received_at: '2026-06-01T08:00:00.000Z',
      };
      before = mark.machine_after;
      return mark;
    })
    .reverse();
}

it.each([
  ['one rollback', '6<4', false],
  ['back to the same snapshot, three times', '6<4 7<4 8<4', false],
  ['each time to the snapshot made after the last', '6<4 8<6 10<8', false],
  ['further back each time', '9<7 10<5 11<3', false],
  ['two machines, report by report', '6<4 7<5 8<6', true],
  ['two machines, several reports each turn', '8<4 12<7 15<11', true],
  ['two machines, seen only twice yet', '6<4 7<5', false],
  ['another machine, and back', 'B6<4 A7<5', true],
  ['moved to other hardware, then rolled back there', 'B6<4 B7<6', false],
  ['moved to other hardware and back, remembering all of it', 'B6<4 A9<8', false],
])('%s', (_title, text, cloned) => {
  expect(showsClones(marks(text))).toBe(cloned);
});

it('a machine stays itself over an update and a move of its disks, and not over a new machine id', () => {
  const disks = [
    { name: 'sda', serial: '1', model: 'm', bytes: 1 },
    { name: 'sdb', serial: '2', model: 'm', bytes: 1 },
  ];
  const before = machineIdentity(machine('web-1', { disks }));
  expect(machineIdentity(machine('web-1', { disks: disks.toReversed(), kernel: '6.13' }))).toBe(before);
  expect(machineIdentity(machine('web-1', { disks, machineId: 'other' }))).not.toBe(before);
  expect(machineIdentity(machine('web-1', { disks: disks.slice(1) }))).not.toBe(before);
});
