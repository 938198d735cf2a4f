/** Names and addresses under which this system reaches itself: hostname, /etc/hosts, addresses of its interfaces. */
import { defineFact, type Fact, known } from '../fact.ts';
import { hostName } from './host-name.ts';

export interface OwnNames {
  /** Lower case. */
  readonly names: ReadonlySet<string>;
  /** Whether the addresses of the interfaces were seen: not those of an unpacked system. */
  readonly addresses: boolean;
}

export const ownNames = defineFact<OwnNames>({
  id: 'own-names',
  collect: async (host, get): Promise<Fact<OwnNames>> => {
    const names = new Set([
      'localhost',
      'localhost.localdomain',
      'ip6-localhost',
      'ip6-loopback',
      '::1',
      '0.0.0.0',
      '::',
    ]);
    const name = await get(hostName);
    if (name.state === 'known') names.add(name.value.toLowerCase());
    const trie = await host.readText('/proc/net/fib_trie', { maxBytes: 4 * 1024 * 1024, encoding: 'latin1' });
    const six = await host.readText('/proc/net/if_inet6', { encoding: 'latin1' });
    if (trie.state === 'known') for (const address of localAddresses(trie.value.text)) names.add(address);
    if (six.state === 'known') for (const address of inet6Addresses(six.value.text)) names.add(address);
    const hosts = await host.readText('/etc/hosts', { encoding: 'latin1' });
    if (hosts.state === 'known') {
      for (const line of hosts.value.text.split('\n')) {
        const [address = '', ...all] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
        if (names.has(address) || /^127\./.test(address)) for (const each of all) names.add(each);
      }
    }
    return known({ names, addresses: trie.state === 'known' });
  },
});

/** Pure. Addresses of type `LOCAL`, each on the line after its own. */
export function localAddresses(text: string): string[] {
  const found = new Set<string>();
  let last = '';
  for (const line of text.split('\n')) {
    const address = /\|--\s+(\d+\.\d+\.\d+\.\d+)/.exec(line)?.[1];
    if (address) last = address;
    else if (/host LOCAL/.test(line)) found.add(last);
  }
  return [...found];
}

/** Pure. `fe80000000000000...` as people write it. */
export function inet6Addresses(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const digits = /^([0-9a-f]{32})\s/.exec(line)?.[1];
    return digits ? [shortest(digits.match(/.{4}/g) ?? [])] : [];
  });
}

function shortest(groups: readonly string[]): string {
  const plain = groups.map((group) => group.replace(/^0{1,3}/, ''));
  let best = { from: -1, length: 1 };
  for (let from = 0; from < plain.length; from += 1) {
    let length = 0;
    while (plain[from + length] === '0') length += 1;
    if (length > best.length) best = { from, length };
  }
  if (best.from < 0) return plain.join(':');
  return `${plain.slice(0, best.from).join(':')}::${plain.slice(best.from + best.length).join(':')}`;
}

export function isOwn(own: OwnNames, given: string): boolean {
  const host = plainAddress(given);
  return (
    own.names.has(host) ||
    /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0)$/.test(host) ||
    host.endsWith('.localhost') ||
    [...own.names].some((name) => name.includes('.') && name.split('.')[0] === host && !/^[\d.]+$/.test(name))
  );
}

/** A name that begins like this system's own, whose domain is not known here: it may be either. */
export const mayBeOwn = (own: OwnNames, host: string): boolean =>
  host.includes('.') &&
  !/^[\d.]+$/.test(host) &&
  own.names.has(host.split('.')[0] ?? '') &&
  ![...own.names].some((name) => name.startsWith(`${host.split('.')[0]}.`));

/** One address has many spellings: `127.1`, `2130706433`, `0x7f.0.0.1`, `::ffff:127.0.0.1`, `localhost.`; inet_aton(3). */
export function plainAddress(text: string): string {
  const host = text.toLowerCase().replace(/(?<=.)\.$/, '');
  const mapped = /^::ffff:(.+)$/.exec(host)?.[1];
  if (mapped?.includes('.')) return plainAddress(mapped);
  const words = mapped === undefined ? null : /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(mapped);
  if (words)
    return dotted(Number.parseInt(words[1] ?? '', 16) * 0x10000 + Number.parseInt(words[2] ?? '', 16));
  if (host.includes(':')) return /^[0:]*:0*1$/.test(host) ? '::1' : host;
  const parts = host.split('.');
  const numbers = parts.map(part);
  if (parts.length > 4 || numbers.some(Number.isNaN)) return host;
  const last = numbers.pop() ?? 0;
  const head = numbers.reduce((sum, each, index) => sum + each * 256 ** (3 - index), 0);
  return numbers.some((each) => each > 255) || last >= 256 ** (4 - numbers.length)
    ? host
    : dotted(head + last);
}

/** Decimal, octal or hexadecimal. */
function part(text: string): number {
  if (/^0x[0-9a-f]+$/.test(text)) return Number(text);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

const dotted = (value: number): string =>
  [24, 16, 8, 0].map((by) => Math.floor(value / 2 ** by) % 256).join('.');
