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

export const isOwn = (own: OwnNames, host: string): boolean =>
  own.names.has(host) ||
  /^127\.\d+\.\d+\.\d+$/.test(host) ||
  [...own.names].some((name) => name.includes('.') && name.split('.')[0] === host && !/^[\d.]+$/.test(name));
