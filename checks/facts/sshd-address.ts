/** IP addresses and the lists of them that sshd_config(5) matches against: CIDR, single addresses, wildcards, `!`. */
import { matchesPattern } from './sshd-pattern.ts';

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** Addresses from `first` to `last`, both included. */
export interface Network {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

export const BITS = { 4: 32, 6: 128 } as const;

/** One part of an IPv4 address as inet_aton(3) takes it: decimal, octal or hexadecimal. */
function part(text: string): bigint | undefined {
  if (/^0x[\da-f]{1,8}$/i.test(text)) return BigInt(text);
  if (/^0[0-7]{0,11}$/.test(text)) return BigInt(`0o${text}`);
  return /^[1-9]\d{0,9}$/.test(text) ? BigInt(text) : undefined;
}

/** `192.0.2.1`, and the shorter forms (`10.1`) that getaddrinfo(3) takes for numeric addresses. */
function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.').map(part);
  if (parts.length > 4) return undefined;
  let value = 0n;
  for (const [index, number] of parts.entries()) {
    const last = index === parts.length - 1;
    const room = last ? 8n * BigInt(5 - parts.length) : 8n;
    if (number === undefined || number >= 1n << room) return undefined;
    value = (value << room) | number;
  }
  return { family: 4, value };
}

function parseIpv6(text: string): Address | undefined {
  const dotted = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  if (dotted?.[1] !== undefined && dotted[2] !== undefined) {
    const tail = parseIpv4(dotted[2])?.value;
    if (tail === undefined) return undefined;
    return parseIpv6(`${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return { family: 6, value: BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`) };
}

/** A numeric address, or undefined. Scopes (`%eth0`) are left out: they play no part in matching. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text.replace(/%.*$/, '')) : parseIpv4(text);
}

export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  const zeros = groups.join(':').match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return groups.join(':');
  const joined = groups.join(':').replace(longest, '::').replace(/:{3,}/, '::');
  return joined;
}

/**
 * One element of an address list: a network, `inconsistent` (sshd refuses the list), or a wildcard pattern.
 * @param strict OpenSSH 10: no mask may be longer than an address; before, more than 128 made it a pattern
 */
export function parseElement(text: string, strict = false): Network | 'inconsistent' | 'pattern' {
  if (text.length >= 64) return 'pattern';
  const slash = text.indexOf('/');
  const mask = slash < 0 ? undefined : text.slice(slash + 1);
  if (mask !== undefined && (!/^\d+$/.test(mask) || (!strict && Number(mask) > 128))) return 'pattern';
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return 'pattern';
  const bits = BITS[address.family];
  const length = mask === undefined ? bits : Number(mask);
  if (length > bits) return 'inconsistent';
  const host = (1n << BigInt(bits - length)) - 1n;
  if ((address.value & host) !== 0n) return 'inconsistent';
  return { family: address.family, first: address.value, last: address.value | host };
}

/** Whether sshd takes the list: no empty element, no host bits beyond the mask. */
export function validAddressList(list: string, strict = false): boolean {
  return list.split(',').every((element) => {
    const text = element.replace(/^!/, '');
    return text !== '' && parseElement(text, strict) !== 'inconsistent';
  });
}

/** Whether the address (as text, which is what wildcards look at) is in the list; a `!` that fits decides against. */
export function matchesAddressList(address: string, list: string): boolean {
  const tried = parseAddress(address);
  if (!tried) return false;
  let found = false;
  for (const element of list.split(',')) {
    const negated = element.startsWith('!');
    const text = negated ? element.slice(1) : element;
    const network = parseElement(text);
    if (network === 'inconsistent' || text === '') return false;
    const fits =
      network === 'pattern'
        ? matchesPattern(address, text)
        : network.family === tried.family && tried.value >= network.first && tried.value <= network.last;
    if (fits && negated) return false;
    found ||= fits;
  }
  return found;
}
