/**
 * Which addresses the report unit may speak to: those of the collector, or of the proxy before it, and the name servers.
 * systemd filters by unit where the kernel can (systemd.resource-control(5), IPAddressAllow=: cgroup v2 with BPF); where
 * it can't, systemd says so in the journal and the unit runs unfiltered.
 */
import { lookup } from 'node:dns/promises';
import fs from 'node:fs';
import { isIP } from 'node:net';
import { CodedError } from '../shared/errors.ts';
import { kernelFilters, REPORT_UNIT } from './confinement.ts';
import { type Environment, proxyFor } from './network/proxy.ts';
import { systemctl } from './systemctl.ts';

export interface FilterOptions {
  /** Origins of the collector. */
  readonly collectors: readonly string[];
  /** `proxy` of agent.yaml. */
  readonly proxy: string | undefined;
  readonly environment: Environment;
  /** All addresses of a name; only tests give another one. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** Default: /etc/resolv.conf. */
  readonly resolvConf?: string;
}

/**
 * The addresses, sorted, each once.
 * @throws CodedError `COLLECTOR_NAME_UNKNOWN` when no name of all of them has an address
 */
export async function allowedAddresses(options: FilterOptions): Promise<readonly string[]> {
  const { collectors, proxy, environment, resolve = allAddresses } = options;
  const servers = nameServers(options.resolvConf ?? '/etc/resolv.conf');
  const names = collectors.map(
    (collector) => proxyFor(collector, proxy, environment)?.url.hostname ?? new URL(collector).hostname,
  );
  const found: string[] = [];
  for (const name of new Set(names.map((one) => one.replace(/^\[|\]$/g, '')))) {
    // One of several addresses may be unknown at the moment; the others must still work.
    found.push(...(isIP(name) ? [name] : await resolve(name).catch(() => [])));
  }
  if (found.length === 0) {
    const [collector = ''] = collectors;
    throw new CodedError('COLLECTOR_NAME_UNKNOWN', { collector, proxy: '', problem: 'no address', time: '' });
  }
  return [...new Set([...found, ...servers])].sort();
}

const allAddresses = async (name: string): Promise<readonly string[]> =>
  (await lookup(name, { all: true })).map(({ address }) => address);

/** resolv.conf(5); a local resolver is one of them. None where the file can't be read. */
function nameServers(file: string): string[] {
  let text = '';
  try {
    text = fs.readFileSync(file, 'utf8').slice(0, 64 * 1024);
  } catch {
    // Without name servers names come from /etc/hosts alone.
  }
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map(([, address = '']) => address.split('%')[0] ?? '')
    .filter((address) => isIP(address) !== 0);
}

export type FilterState = 'set' | 'no-unit' | 'no-kernel-support';

/**
 * Tells the running systemd, until the next boot; before each report it is told anew.
 * @throws CodedError `FILTER_REFUSED` with what systemctl said
 */
export async function setUnitFilter(addresses: readonly string[]): Promise<FilterState> {
  if (!fs.existsSync('/run/systemd/system')) return 'no-unit';
  if (!kernelFilters()) return 'no-kernel-support';
  const allow = ['IPAddressAllow=', ...addresses.map((address) => `IPAddressAllow=${address}`)];
  const { status, complaint } = await systemctl(['set-property', '--runtime', REPORT_UNIT, ...allow]);
  if (status !== 0)
    throw new CodedError('FILTER_REFUSED', { unit: REPORT_UNIT, problem: complaint || 'no answer' });
  return 'set';
}
