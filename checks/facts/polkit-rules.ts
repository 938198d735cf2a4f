/**
 * Whom polkit(8) lets do what without asking, and whom it takes for an administrator: rules of the administrator and the
 * vendor, and the .pkla files of polkit 0.105 (and of those who still read them). For whom and what, is read off the
 * rules as far as they are plain; where they are not, only that there is one.
 */
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { type ActionPower, powerOf } from './polkit-actions.ts';
import type { Literal } from './polkit-condition.ts';
import { type PolkitScript, readPolkitScript } from './polkit-script.ts';

export interface PolkitGrant {
  readonly source: string;
  readonly line: number;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly everybody: boolean;
  /** `yes`: without asking; `administrator`: with their own password. */
  readonly answer: 'yes' | 'administrator';
  /** False where further conditions were not understood, or the action is not known to make root. */
  readonly certain: boolean;
  /** Delivered with a package. */
  readonly vendor: boolean;
}

export interface PolkitRules {
  readonly grants: readonly PolkitGrant[];
  /** Places that answer yes to nobody knows whom. */
  readonly unclear: readonly { readonly source: string; readonly line: number }[];
}

/** Of two files of one name the first counts; all are read in the order of their names. */
const DIRECTORIES = ['/etc', '/run', '/usr/local/share', '/usr/share'].map(
  (base) => `${base}/polkit-1/rules.d`,
);
const VENDOR = '/usr/share/polkit-1/rules.d';
const PARTS = ['10-vendor.d', '20-org.d', '30-site.d', '50-local.d', '90-mandatory.d'];
const AUTHORITIES = ['/var/lib', '/etc'].flatMap((base) =>
  PARTS.map((part) => `${base}/polkit-1/localauthority/${part}`),
);
const DAEMONS = ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkit-1/polkitd', '/usr/libexec/polkitd'];
const OLD_DAEMONS = ['/usr/lib/policykit-1/polkitd', '/usr/libexec/policykit-1/polkitd'];
const READS_PKLA = ['/usr/bin/pkla-check-authorization'];

export const polkitRules = defineFact<PolkitRules>({
  id: 'polkit-rules',
  collect: async (host): Promise<Fact<PolkitRules>> => {
    const [current, old, reader] = await Promise.all(
      [DAEMONS, OLD_DAEMONS, READS_PKLA].map((paths) => oneIsThere(host, paths)),
    );
    // Neither: it lies elsewhere, or is gone and has left its files. That can't be told.
    const seen = Boolean(current || old);
    const grants: PolkitGrant[] = [];
    const unclear: { source: string; line: number }[] = [];
    if (current || !old) {
      const { scripts, unread } = await scriptsOf(host);
      unclear.push(...unread);
      grants.push(...administrators(scripts), ...scripts.flatMap(answersOf));
    }
    if (old || reader || !current) grants.push(...(await fromAuthorities(host)));
    return known({
      grants: grants.map((one) => ({ ...one, certain: one.certain && seen })),
      unclear,
    });
  },
});

async function oneIsThere(host: Host, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (told(await host.stat(path))) return true;
  return false;
}

const told = <T>(fact: Fact<T>): T | undefined => (fact.state === 'absent' ? undefined : valueIn(fact));

interface Script extends PolkitScript {
  readonly source: string;
  readonly vendor: boolean;
}

async function scriptsOf(
  host: Host,
): Promise<{ scripts: readonly Script[]; unread: { source: string; line: number }[] }> {
  const chosen = new Map<string, string>();
  for (const directory of DIRECTORIES)
    for (const name of told(await host.list(directory)) ?? [])
      if (name.endsWith('.rules') && !chosen.has(name)) chosen.set(name, `${directory}/${name}`);
  const scripts: Script[] = [];
  const unread: { source: string; line: number }[] = [];
  for (const [, source] of [...chosen].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = told(await host.readText(source, { encoding: 'latin1' }));
    if (!file) continue;
    const vendor = source.startsWith(`${VENDOR}/`);
    const script = { ...readPolkitScript(file.text), source, vendor };
    scripts.push(script);
    unread.push(
      ...script.answers.filter(({ when }) => when === undefined).map(({ line }) => ({ source, line })),
    );
  }
  return { scripts, unread };
}

const named = (identities: readonly string[], kind: string): string[] =>
  identities.flatMap((one) => (one.startsWith(`${kind}:`) ? [one.slice(kind.length + 1)] : []));

/** The first rule that answers whatever it is asked is the last that counts. */
function administrators(scripts: readonly Script[]): PolkitGrant[] {
  const grants: PolkitGrant[] = [];
  for (const { source, vendor, admins } of scripts)
    for (const { line, identities, always } of admins) {
      grants.push({
        source,
        line,
        users: named(identities, 'unix-user'),
        groups: named(identities, 'unix-group'),
        everybody: false,
        answer: 'administrator',
        certain: always,
        vendor,
      });
      if (always) return grants;
    }
  return grants;
}

function answersOf({ answers, source, vendor }: Script): PolkitGrant[] {
  return answers.flatMap(({ line, when }) =>
    (when ?? []).flatMap((literals) => {
      const grant = grantOf(literals);
      return grant ? [{ source, line, vendor, answer: 'yes' as const, ...grant }] : [];
    }),
  );
}

/** Whom one list of conditions is for; undefined where it makes nobody root. */
function grantOf(
  literals: readonly Literal[],
): Pick<PolkitGrant, 'users' | 'groups' | 'everybody' | 'certain'> | undefined {
  const holding = literals.filter(({ holds }) => holds).map(({ atom }) => atom);
  const powers = holding.flatMap((atom) => (atom.is === 'action' ? [powerOf(atom.action)] : []));
  const power: ActionPower = powers.includes('none') ? 'none' : (powers[0] ?? 'root');
  // One unit, one program: no way to any other.
  if (power === 'none' || holding.some((atom) => atom.is === 'detail' && atom.exact)) return undefined;
  const users = [...new Set(holding.flatMap((atom) => (atom.is === 'user' ? [atom.name] : [])))];
  const groups = [...new Set(holding.flatMap((atom) => (atom.is === 'group' ? [atom.name] : [])))];
  // Nobody has two names.
  if (users.length > 1) return undefined;
  const excepted = literals.some(({ atom, holds }) => !holds && (atom.is === 'user' || atom.is === 'group'));
  const odd = literals.some(({ atom }) => atom.is === 'unclear' || atom.is === 'detail');
  const everybody = users.length === 0 && groups.length === 0;
  return {
    users,
    // An account in all of several groups, or one that must be in a group as well: in doubt any of them.
    groups: users.length > 0 ? [] : groups,
    everybody,
    certain: power === 'root' && !odd && !excepted && users.length + groups.length <= 1,
  };
}

async function fromAuthorities(host: Host): Promise<PolkitGrant[]> {
  const grants: PolkitGrant[] = [];
  for (const directory of AUTHORITIES)
    for (const name of told(await host.list(directory)) ?? []) {
      if (!name.endsWith('.pkla')) continue;
      const source = `${directory}/${name}`;
      const file = told(await host.readText(source, { encoding: 'latin1' }));
      if (file) grants.push(...parsePkla(file.text, source));
    }
  return grants;
}

/** Pure. pklocalauthority(8): groups of `Identity=`, `Action=` with globs, and answers for three kinds of session. */
export function parsePkla(text: string, source: string): PolkitGrant[] {
  const grants: PolkitGrant[] = [];
  let group: Map<string, { value: string; line: number }> | undefined;
  const end = () => {
    const yes = [...(group ?? [])].find(
      ([key, { value }]) => /^Result(?:Any|Inactive|Active)$/.test(key) && /^yes$/i.test(value),
    );
    const list = (key: string) =>
      (group?.get(key)?.value ?? '')
        .split(';')
        .map((one) => one.trim())
        .filter(Boolean);
    const powers = list('Action').map((glob) => {
      const star = glob.search(/[*?]/);
      return star < 0
        ? powerOf({ id: glob, prefix: false })
        : powerOf({ id: glob.slice(0, star), prefix: true });
    });
    const strong = powers.filter((power) => power !== 'none');
    if (!yes || strong.length === 0) return;
    const identities = list('Identity');
    const wild = identities.filter((one) => /[*?]/.test(one) || one === 'default');
    grants.push({
      source,
      line: yes[1].line,
      users: named(identities, 'unix-user').filter((one) => !/[*?]/.test(one)),
      groups: named(identities, 'unix-group').filter((one) => !/[*?]/.test(one)),
      everybody: wild.length > 0,
      answer: 'yes',
      certain: strong.includes('root') && !wild.some((one) => /[^:]\*|\?/.test(one)),
      vendor: source.startsWith('/var/'),
    });
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const row = raw.trim();
    if (/^\[.*\]$/.test(row)) {
      end();
      group = new Map();
    }
    const [, key, value = ''] = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(row) ?? [];
    if (key !== undefined) group?.set(key, { value: value.trim(), line: index + 1 });
  }
  end();
  return grants;
}
