/**
 * Every kind of login that a configuration can tell apart: one for root, one for each group of accounts and each
 * kind of origin that some Match line treats differently. Logins that no Match line can tell apart are one. Pure.
 */
import type { SshdAccount } from './sshd-accounts.ts';
import { type Address, BITS, formatAddress, parseAddress, parseElement } from './sshd-address.ts';
import type { MatchBlock } from './sshd-config.ts';
import { type Criterion, type CriterionName, meets, type Principal } from './sshd-match.ts';
import type { SshdVersion } from './sshd-version.ts';

export interface SshdLogin {
  readonly principal: Principal;
  /** UID 0, the account whose login PermitRootLogin decides. */
  readonly root: boolean;
  /** `missing`: no such account now; `group`: a member of a group that has none now, who can't be asked about. */
  readonly account: 'there' | 'missing' | 'group';
  /** Which parts some Match line looks at: all others make no difference. */
  readonly looksAt: readonly CriterionName[];
}

export const MAX_LOGINS = 64;
/** Combinations looked at before those that no Match can tell apart are made one. */
const MAX_COMBINATIONS = 50_000;

type Part = Partial<Principal> & Partial<Pick<SshdLogin, 'root' | 'account'>>;

/** All kinds of login, or `too many` of them. */
export function loginsOf(
  blocks: readonly MatchBlock[],
  accounts: readonly SshdAccount[],
  ports: readonly number[],
  version: SshdVersion,
): readonly SshdLogin[] | 'too many' {
  const criteria = blocks.flatMap((block) => block.criteria);
  const valuesOf = (...names: CriterionName[]) =>
    criteria.filter(({ name }) => names.includes(name)).map(({ value }) => value);
  const base: Principal = {
    user: 'root',
    groups: ['root'],
    host: 'client.example.net',
    addr: '203.0.113.10',
    laddr: '203.0.113.1',
    lport: ports[0] ?? 22,
    rdomain: '',
  };
  const parts: (readonly [readonly CriterionName[], readonly Part[]])[] = [
    [['user', 'group', 'invalid-user'], users(accounts, valuesOf('user'), valuesOf('group'))],
    [['address'], addresses(valuesOf('address'), base.addr).map((addr) => ({ addr }))],
    [['host'], [base.host, ...examples(valuesOf('host'))].map((host) => ({ host }))],
    [['localaddress'], addresses(valuesOf('localaddress'), base.laddr).map((laddr) => ({ laddr }))],
    [['localport'], localPorts(valuesOf('localport'), ports).map((lport) => ({ lport }))],
    [['rdomain'], ['', ...examples(valuesOf('rdomain'))].map((rdomain) => ({ rdomain }))],
  ];
  // Each part on its own first: what its criteria can't tell apart need not be combined.
  const told = parts.map(([names, values]) => {
    const own = criteria.filter(({ name }) => names.includes(name));
    return distinct(
      values,
      (value) => `${value.root ?? ''} ${signature({ ...base, ...value }, own, version)}`,
    );
  });
  if (told.reduce((product, values) => product * values.length, 1) > MAX_COMBINATIONS) return 'too many';
  const looksAt = [...new Set(criteria.map(({ name }) => name))];
  const combined = told.reduce<readonly Part[]>(
    (sofar, values) => sofar.flatMap((left) => values.map((right) => ({ ...left, ...right }))),
    [{}],
  );
  const logins = combined.map(({ root = false, account = 'there', ...part }) => ({
    principal: { ...base, ...part },
    root,
    account,
    looksAt,
  }));
  const different = distinct(logins, ({ principal, root }) => {
    const fits = blocks.map((block) => block.criteria.every((one) => meets(principal, one, version)));
    return `${root} ${fits.map(Number).join('')}`;
  });
  return different.length > MAX_LOGINS ? 'too many' : different;
}

const signature = (principal: Principal, criteria: readonly Criterion[], version: SshdVersion) =>
  criteria.map((one) => Number(meets(principal, one, version))).join('');

/** The first of each kind. */
function distinct<T>(values: readonly T[], kind: (value: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const value of values) {
    const key = kind(value);
    if (!seen.has(key)) seen.set(key, value);
  }
  return [...seen.values()];
}

/** Every account (people first: they stand for their kind), and somebody for each pattern that fits nobody. */
function users(
  accounts: readonly SshdAccount[],
  userLists: readonly string[],
  groupLists: readonly string[],
): readonly Part[] {
  const there: Part[] = [...accounts]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ name, groups, uid }) => ({ user: name, groups, root: uid === 0, account: 'there' }));
  if (!there.some(({ root }) => root))
    there.unshift({ user: 'root', groups: ['root'], root: true, account: 'missing' });
  const names = new Set(accounts.map(({ name }) => name));
  const groupNames = new Set(accounts.flatMap(({ groups }) => groups));
  const missing: Part[] = examples(userLists)
    .filter((user) => !names.has(user))
    .map((user) => ({ user, groups: undefined, root: false, account: 'missing' }));
  const members: Part[] = examples(groupLists)
    .filter((group) => !groupNames.has(group))
    .map((group) => ({ user: `member-of-${group}`, groups: [group], root: false, account: 'group' }));
  return [...there, ...missing, ...members];
}

const rank = ({ uid, person }: SshdAccount) => (uid === 0 ? 0 : person ? 1 : 2);

/** One name in each list element, its wildcards filled in a few ways. */
function examples(lists: readonly string[]): readonly string[] {
  const filled = lists
    .flatMap((list) => list.split(','))
    .map((element) => element.replace(/^!/, ''))
    .flatMap((pattern) =>
      /[*?]/.test(pattern)
        ? [fill(pattern, 'x', 'x'), fill(pattern, 'q7z', 'z'), fill(pattern, '', '0')]
        : [pattern],
    );
  return [...new Set(filled)].filter((name) => name !== '');
}

const fill = (pattern: string, star: string, mark: string) =>
  pattern.replaceAll('*', star).replaceAll('?', mark);

/**
 * An address in every region that the lists cut out. Networks are ranges, so the first address of each, and the one
 * after its last, meet every region; wildcards are filled in a few ways.
 */
function addresses(lists: readonly string[], other: string): readonly string[] {
  const found: Address[] = [];
  const texts: string[] = [];
  for (const element of lists.flatMap((list) => list.split(','))) {
    const text = element.replace(/^!/, '');
    const network = parseElement(text);
    if (network === 'pattern') {
      const fillings = [
        '0',
        '1',
        '255',
        '0.0',
        '1.1',
        '255.255',
        '1.1.1',
        '192.0.2.1',
        '::1',
        '2001:db8::1',
        ':1',
      ];
      texts.push(...fillings.flatMap((star) => ['1', '7'].map((mark) => fill(text, star, mark))));
    } else if (network !== 'inconsistent') {
      const { family, first, last } = network;
      found.push({ family, value: first }, { family, value: last });
      if (last + 1n < 1n << BigInt(BITS[family])) found.push({ family, value: last + 1n });
    }
  }
  const known = texts.filter((text) => parseAddress(text) !== undefined);
  const edges = lists.length === 0 ? [] : ['0.0.0.0', '::', '2001:db8:ffff::1'];
  return [...new Set([other, ...found.map(formatAddress), ...known, ...edges])];
}

function localPorts(values: readonly string[], ports: readonly number[]): readonly number[] {
  const named = values.map(Number);
  const free = [22, 2222, 22_222, 32_022].find((port) => !named.includes(port)) ?? 65_535;
  return [...new Set([...ports, ...named, free])];
}
