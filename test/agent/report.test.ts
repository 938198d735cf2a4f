/** Documents and machine facts: the same host gives the same bytes, whatever the clock says. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readDisks } from '../../agent/disks.ts';
import { linuxHost } from '../../agent/host-linux.ts';
import { judge } from '../../agent/judge.ts';
import { kindOf, readMachine, systemOf } from '../../agent/machine.ts';
import { makeDocument, makeStatement } from '../../agent/report.ts';
import { defineCheck, pass, unknown } from '../../checks/check.ts';
import { factGetter } from '../../checks/evaluate.ts';
import { evidence } from '../../checks/evidence.ts';
import { valueIn } from '../../checks/fact.ts';
import { osRelease } from '../../checks/facts/os-release.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { allChecks } from '../../checks/registry.ts';
import { statementSchema } from '../../shared/report.ts';

const os = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n';
const text = { en: 'text', de: 'Text' };
const named = (id: string) =>
  defineCheck({
    id,
    title: text,
    why: text,
    remedy: text,
    severity: 'low',
    params: z.strictObject({}),
    needs: { os: osRelease },
    appliesTo: () => true,
    evaluate: (facts) =>
      pass([evidence({ source: '/etc/os-release', found: valueIn(facts.os).id, wanted: 'any' })]),
    references: [],
    examples: [],
  });

describe('the results document', () => {
  const round = async (
    now: string,
    ids: string[],
    host = memoryHost({ files: { '/etc/os-release': os }, live: false }),
  ) => {
    let ticks = 0;
    const judged = await judge({
      host,
      checks: ids.map(named),
      params: {},
      now: new Date(now),
      monotonic: () => (ticks += Math.random() * 50),
    });
    return { judged, document: makeDocument(judged) };
  };

  it('has the same bytes an hour later, in whatever order the checks are listed', async () => {
    const first = await round('2026-06-15T12:00:00.000Z', ['login.b', 'login.a', 'access.a']);
    const later = await round('2026-06-15T13:00:00.000Z', ['access.a', 'login.a', 'login.b']);
    expect(later.document).toEqual(first.document);
    expect(JSON.parse(first.document.text).results.map((one: { check: string }) => one.check)).toEqual([
      'access.a',
      'login.a',
      'login.b',
    ]);
  });

  it('has other bytes when the system is another', async () => {
    const before = await round('2026-06-15T12:00:00.000Z', ['login.a']);
    const other = memoryHost({ files: { '/etc/os-release': os.replaceAll('12', '13') }, live: false });
    const after = await round('2026-06-15T12:00:00.000Z', ['login.a'], other);
    expect(after.document.digest).not.toBe(before.document.digest);
  });

  // Another file's tests may start or end a program in between; what depends on the clock differs every time.
  it('is the same for every real check on this machine, an hour apart by the clock', {
    retry: 5,
  }, async () => {
    const at = async (now: string) => {
      const host = linuxHost();
      const judged = await judge({
        host,
        checks: allChecks,
        params: {},
        now: new Date(now),
        monotonic: () => performance.now(),
      });
      return JSON.parse(makeDocument(judged).text);
    };
    // From now on, not on a fixed day: ages that checks judge by must not pass a limit in between.
    const now = Date.now();
    const first = await at(new Date(now).toISOString());
    expect(await at(new Date(now + 3_600_000).toISOString())).toEqual(first);
  });

  it('is named by a statement that the contract accepts', async () => {
    const { judged, document } = await round('2026-06-15T12:00:00.000Z', ['login.a']);
    const statement = makeStatement(
      {
        host: `h-${'0'.repeat(32)}`,
        judged,
        digest: document.digest,
        agentVersion: '0.1.0',
        intervalSeconds: 3600,
      },
      { sequence: 1, previous: null },
    );
    expect(statementSchema.parse(statement)).toEqual(statement);
    expect(statement.predicate).toMatchObject({
      round: '2026-06-15T12:00:00.000Z',
      counts: { pass: 1, fail: 0, unknown: 0, 'not-applicable': 0 },
    });
    expect(Object.values(statement.predicate.durations).every(Number.isInteger)).toBe(true);
  });
});

describe('the machine', () => {
  it.each([
    [
      'QEMU with KVM',
      { dmi: ['QEMU', 'Standard PC (Q35 + ICH9, 2009)'], hypervisorFlag: true },
      'vm',
      'qemu',
    ],
    ['KVM by product', { dmi: ['Red Hat', 'KVM'], hypervisorFlag: true }, 'vm', 'kvm'],
    ['VMware', { dmi: ['VMware, Inc.', 'VMware7,1'], hypervisorFlag: true }, 'vm', 'vmware'],
    [
      'Hyper-V',
      { dmi: ['Microsoft Corporation', 'Virtual Machine'], hypervisorFlag: true },
      'vm',
      'microsoft',
    ],
    [
      'a Surface is hardware',
      { dmi: ['Microsoft Corporation', 'Surface Pro'], hypervisorFlag: false },
      'server',
      undefined,
    ],
    ['hardware', { dmi: ['Dell Inc.', 'PowerEdge R640'], hypervisorFlag: false }, 'server', undefined],
    ['a cloud instance', { dmi: ['Amazon EC2', 'm5.large'], hypervisorFlag: true }, 'vm', 'other'],
    [
      'the same cloud, bare metal',
      { dmi: ['Amazon EC2', 'm5.metal'], hypervisorFlag: false },
      'server',
      undefined,
    ],
    ['Xen without DMI', { dmi: [], hypervisorFlag: false, hypervisorType: 'xen' }, 'vm', 'xen'],
    ['ARM guest', { dmi: [], hypervisorFlag: false, deviceTree: true }, 'vm', 'other'],
    ['no sign of anything', { dmi: ['', ''], hypervisorFlag: false }, 'unknown', undefined],
  ])('%s', (_name, facts, kind, virtualization) => {
    expect(kindOf(facts)).toEqual({ kind, ...(virtualization ? { virtualization } : {}) });
  });

  it('in a container is unknown, whatever the hardware below says', async () => {
    const host = memoryHost({
      files: {
        '/etc/os-release': os,
        '/run/systemd/container': 'systemd-nspawn\n',
        '/sys/class/dmi/id/sys_vendor': 'Dell Inc.\n',
      },
    });
    const machine = await readMachine(host, factGetter(host, new Date(0)));
    expect(machine).toMatchObject({ kind: 'unknown', virtualization: 'systemd-nspawn' });
  });

  it('of an unpacked system is what the root says, and nothing of the one it lies on', async () => {
    const host = memoryHost({
      live: false,
      files: { '/etc/os-release': os, '/etc/hostname': '# a comment\nweb1.example.org\n' },
    });
    const machine = await readMachine(host, factGetter(host, new Date(0)));
    expect(machine).toEqual({
      hostname: 'web1.example.org',
      os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)', like: [] },
      kernel: '',
      arch: '',
      kind: 'unknown',
      disks: [],
    });
    expect(systemOf(machine, { kind: 'server', backup: true })).toMatchObject({
      id: 'debian',
      kind: 'server',
      contract: { backup: true },
    });
  });

  it('says nothing that steers a terminal', async () => {
    const host = memoryHost({
      live: false,
      files: {
        '/etc/os-release': 'ID=debian\nPRETTY_NAME="x\u001b[2Jy\u202e"\n',
        '/etc/hostname': 'a\u0007b\n',
      },
    });
    const { hostname, os: found } = await readMachine(host, factGetter(host, new Date(0)));
    expect([hostname, found.name]).toEqual(['a b', 'x [2Jy']);
  });

  it('lists its disks by serial, without drives that are none', async () => {
    const device = { directory: true } as const;
    const host = memoryHost({
      files: {
        '/sys/block/nvme0n1/device/serial': 'S1 \n',
        '/sys/block/nvme0n1/device/model': 'Fast Disk   \n',
        '/sys/block/nvme0n1/size': '1953525168\n',
        '/sys/block/sda/device/model': 'Big\n',
        '/sys/block/sda/size': '16\n',
        '/sys/block/sda/dev': '8:0\n',
        '/run/udev/data/b8:0': 'S:disk/by-id/x\nE:ID_SERIAL_SHORT=WD-1\nE:ID_MODEL=other\n',
        '/sys/block/vda/serial': 'virtio-1\n',
        '/sys/block/vda/device': device,
        '/sys/block/sr0/device': device,
        '/sys/block/loop0/size': '8\n',
        '/sys/block/dm-0/size': '8\n',
        '/sys/block/sdb/device': device,
        '/sys/block/sdb/removable': '1\n',
      },
    });
    expect(await readDisks(host)).toEqual([
      { name: 'nvme0n1', serial: 'S1', model: 'Fast Disk', bytes: 1_000_204_886_016 },
      { name: 'sda', serial: 'WD-1', model: 'Big', bytes: 8192 },
      { name: 'vda', serial: 'virtio-1', model: '', bytes: 0 },
    ]);
  });
});

it('an unknown keeps its reason in the document', () => {
  const verdict = unknown({ en: 'no', de: 'nein' });
  const document = makeDocument({
    machine: {
      hostname: '',
      os: { id: '', version: '', name: '', like: [] },
      kernel: '',
      arch: '',
      kind: 'unknown',
      disks: [],
    },
    results: [{ check: 'login.a', severity: 'low', ...verdict, evidence: [] }],
  });
  expect(JSON.parse(document.text).results[0]).toMatchObject({ outcome: 'unknown', reason: { de: 'nein' } });
});
