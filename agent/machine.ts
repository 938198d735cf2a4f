/**
 * What machine this is, read through `Host` with no command run: the same facts give the same bytes in every run.
 * Virtual or physical is decided as systemd-detect-virt(1) does, as far as files tell; what they do not tell is `unknown`.
 */
import os from 'node:os';
import type { System } from '../checks/check.ts';
import type { GetFact } from '../checks/fact.ts';
import { type OsRelease, osRelease } from '../checks/facts/os-release.ts';
import type { Host } from '../checks/host.ts';
import type { ContractFile } from '../shared/contract.ts';
import type { Machine } from '../shared/report.ts';
import { readDisks } from './disks.ts';
import { clean, firstLine } from './host-line.ts';

export async function readMachine(host: Host, get: GetFact): Promise<Machine> {
  const release = await get(osRelease);
  const system: Pick<OsRelease, 'id' | 'version' | 'name' | 'like'> =
    release.state === 'known' ? release.value : { id: 'unknown', version: '', name: '', like: [] };
  const described = {
    id: clean(system.id),
    version: clean(system.version),
    name: clean(system.name),
    like: system.like.slice(0, 10).map(clean),
  };
  if (!host.live) {
    // An unpacked system says nothing about the machine that it will run on.
    const hostname = clean((await firstLine(host, '/etc/hostname')) ?? '');
    return { hostname, os: described, kernel: '', arch: '', kind: 'unknown', disks: [] };
  }
  const { kind, virtualization } = await readKind(host);
  const disks = await readDisks(host);
  return {
    hostname: clean(os.hostname()),
    os: described,
    kernel: clean(os.release()),
    arch: clean(os.machine()),
    kind,
    ...(virtualization ? { virtualization } : {}),
    disks: disks ?? [],
    ...(disks ? {} : { disksUnreadable: true as const }),
  };
}

/** What checks may know of it. A kind that people set in the contract wins over the one that was detected. */
export function systemOf(machine: Machine, contract?: ContractFile): System {
  const { site, backup, patch } = contract ?? {};
  return {
    id: machine.os.id,
    version: machine.os.version,
    like: machine.os.like,
    kind: contract?.kind ?? machine.kind,
    ...(contract ? { contract: { site, backup, patch } } : {}),
  };
}

type Kind = Pick<Machine, 'kind' | 'virtualization'>;

async function readKind(host: Host): Promise<Kind> {
  const container = await containerName(host);
  if (container) return { kind: 'unknown', virtualization: container };
  const xen = await firstLine(host, '/proc/xen/capabilities');
  if (xen?.includes('control_d')) return { kind: 'server' };
  const vendor = await Promise.all(
    ['sys_vendor', 'product_name', 'board_vendor', 'bios_vendor'].map((name) =>
      firstLine(host, `/sys/class/dmi/id/${name}`),
    ),
  );
  return kindOf({
    dmi: vendor.map((name) => name ?? ''),
    hypervisorFlag: await cpuHasHypervisor(host),
    hypervisorType: await firstLine(host, '/sys/hypervisor/type'),
    deviceTree: await exists(host, '/proc/device-tree/hypervisor/compatible'),
  });
}

/** What DMI calls the virtual machines there are: `product` or vendor as systemd's detect-virt knows them. */
const VIRTUAL: readonly (readonly [RegExp, string])[] = [
  [/\bKVM\b|OpenStack|Droplet|Google Compute Engine|\bHCloud|vServer/i, 'kvm'],
  [/\bQEMU\b|\bBochs\b/i, 'qemu'],
  [/VMware|\bVMW\b/i, 'vmware'],
  [/VirtualBox|innotek/i, 'oracle'],
  [/\bXen\b/i, 'xen'],
  [/Parallels/i, 'parallels'],
  [/\bBHYVE\b/i, 'bhyve'],
  [/Hyper-V|Microsoft Corporation Virtual Machine/i, 'microsoft'],
  [/Apple Virtualization/i, 'apple'],
];

/**
 * Pure. DMI vendor, product, board and BIOS names; the flag of the processor; what the kernel says.
 * Amazon's own machines carry its name whether virtual or not: there the flag decides.
 */
export function kindOf(facts: {
  readonly dmi: readonly string[];
  readonly hypervisorFlag: boolean;
  readonly hypervisorType?: string | undefined;
  readonly deviceTree?: boolean;
}): Kind {
  const dmi = facts.dmi.join(' ').trim();
  const named = VIRTUAL.find(([pattern]) => pattern.test(dmi))?.[1];
  if (named) return { kind: 'vm', virtualization: named };
  if (facts.hypervisorType) return { kind: 'vm', virtualization: clean(facts.hypervisorType) };
  if (facts.hypervisorFlag || facts.deviceTree) return { kind: 'vm', virtualization: 'other' };
  // No sign of a hypervisor is no proof of hardware; a vendor's name in the firmware is.
  return { kind: dmi ? 'server' : 'unknown' };
}

async function containerName(host: Host): Promise<string | undefined> {
  const said = await firstLine(host, '/run/systemd/container');
  if (said) return clean(said);
  if (await exists(host, '/.dockerenv')) return 'docker';
  if (await exists(host, '/run/.containerenv')) return 'podman';
  if ((await exists(host, '/proc/vz')) && !(await exists(host, '/proc/bc'))) return 'openvz';
  const init = await host.readText('/proc/1/environ', { encoding: 'latin1' });
  const name = init.state === 'known' ? /(?:^|\0)container=([^\0]+)/.exec(init.value.text)?.[1] : undefined;
  return name ? clean(name) : undefined;
}

async function cpuHasHypervisor(host: Host): Promise<boolean> {
  // 4 MiB: some machines have hundreds of processors.
  const info = await host.readText('/proc/cpuinfo', { maxBytes: 4 * 1024 * 1024 });
  return info.state === 'known' && /^flags\s*:.*\shypervisor(?:\s|$)/m.test(info.value.text);
}

async function exists(host: Host, path: string): Promise<boolean> {
  return (await host.lstat(path)).state === 'known';
}
