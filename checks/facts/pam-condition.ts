/** Conditions of pam_succeed_if, pam_wheel and pam_listfile on one account: what the modules' sources do. Pure. */
import type { PamModuleLine, PamReturn } from './pam-line.ts';
import type { PamPeople, PamPerson } from './pam-people.ts';

/** `undefined`: can't be told. */
export type Answer = PamReturn | undefined;

const FLAGS = new Set(['debug', 'use_uid', 'quiet', 'quiet_fail', 'quiet_success', 'audit']);
const NUMBERS: ReadonlyMap<string, (left: number, right: number) => boolean> = new Map(
  Object.entries<(left: number, right: number) => boolean>({
    '<': (left, right) => left < right,
    lt: (left, right) => left < right,
    '<=': (left, right) => left <= right,
    le: (left, right) => left <= right,
    '>': (left, right) => left > right,
    gt: (left, right) => left > right,
    '>=': (left, right) => left >= right,
    ge: (left, right) => left >= right,
    eq: (left, right) => left === right,
    ne: (left, right) => left !== right,
  }),
);

/** `*` and `?` of fnmatch(3); sets in brackets can't be told. */
function glob(text: string, pattern: string): boolean | undefined {
  if (/[[\]\\]/.test(pattern)) return undefined;
  const escaped = pattern
    .replace(/[.+^${}()|]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`, 's').test(text);
}

function attribute(name: string, person: PamPerson): string | undefined {
  switch (name.toLowerCase()) {
    case 'user':
    case 'login':
    case 'name':
      return person.name;
    case 'uid':
      return `${person.uid}`;
    case 'gid':
      return `${person.gid}`;
    case 'shell':
      return person.shell;
    case 'home':
    case 'dir':
    case 'homedir':
      return person.home;
    default:
      return undefined;
  }
}

/** Whether the account is in the group; a directory may say so too where there is one. */
function isMember(person: PamPerson, name: string, { foreign }: PamPeople): boolean | undefined {
  return person.groups.has(name) ? true : foreign ? undefined : false;
}

const not = (value: boolean | undefined) => (value === undefined ? undefined : !value);

function compare(left: string, how: string, right: string): boolean | undefined {
  const number = NUMBERS.get(how);
  if (number)
    return /^\d+$/.test(left) && /^\d+$/.test(right) ? number(Number(left), Number(right)) : undefined;
  switch (how) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '=~':
    case 'glob':
      return glob(left, right);
    case '!~':
    case 'noglob':
      return not(glob(left, right));
    case 'in':
      return right.split(':').includes(left);
    case 'notin':
      return !right.split(':').includes(left);
    default:
      return undefined;
  }
}

/** What holds for everybody but root, whoever it is. */
function compareNotRoot(name: string, how: string, right: string): boolean | undefined {
  const root = /^uid$/i.test(name) ? right === '0' : /^(?:user|login|name)$/i.test(name) && right === 'root';
  if (!root) return undefined;
  if (how === '=' || how === 'eq') return false;
  return how === '!=' || how === 'ne' ? true : undefined;
}

/**
 * pam_succeed_if(8). `person` is the account itself, with `use_uid` the caller; where nothing is known of a person but
 * that it is not root, `notRoot`.
 */
export function succeedIf(
  line: PamModuleLine,
  person: PamPerson | 'notRoot' | undefined,
  service: string,
  people: PamPeople,
): Answer {
  const somebody = typeof person === 'object' ? person : undefined;
  const words = line.args.filter((arg) => !FLAGS.has(arg));
  let unclear = false;
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [name = '', operator = '', right = ''] = words.slice(at, at + 3);
    const how = operator.toLowerCase();
    let holds: boolean | undefined;
    if (how === 'ingroup' || how === 'notingroup') {
      const inside = right.split(':').map((one) => somebody && isMember(somebody, one, people));
      const any = inside.includes(true) ? true : inside.includes(undefined) ? undefined : false;
      holds = how === 'ingroup' ? any : not(any);
    } else {
      const left = name.toLowerCase() === 'service' ? service : somebody && attribute(name, somebody);
      holds = left === undefined ? undefined : compare(left, how, right);
      if (person === 'notRoot') holds ??= compareNotRoot(name, how, right);
    }
    // What is not met settles it, whatever the conditions before it came to.
    if (holds === false) return 'auth_err';
    if (holds === undefined) unclear = true;
  }
  if (unclear) return undefined;
  return words.length % 3 === 0 ? 'success' : 'service_err';
}

/** pam_wheel(8): whether the caller is in the group, and what follows from it. */
export function wheel(
  line: PamModuleLine,
  target: PamPerson | undefined,
  caller: PamPerson | undefined,
  people: PamPeople,
): Answer {
  const has = (name: string) => line.args.includes(name);
  if (has('root_only') && target === undefined) return undefined;
  if (has('root_only') && target?.uid !== 0) return 'ignore';
  if (!caller) return undefined;
  const asked = line.args.find((arg) => arg.startsWith('group='))?.slice('group='.length) ?? 'wheel';
  const there = people.groups.has(asked);
  // Only the name that is taken when none is given falls back to the group with number 0.
  const fallback = !there && !line.args.some((arg) => arg.startsWith('group='));
  if (!there && people.foreign) return undefined;
  if (!there && !fallback) return has('deny') ? 'ignore' : 'auth_err';
  const inside = fallback ? caller.gid === 0 || caller.groups.has('root') : isMember(caller, asked, people);
  if (inside === undefined) return undefined;
  if (inside) return has('deny') ? 'perm_denied' : has('trust') ? 'success' : 'ignore';
  if (!has('deny')) return 'perm_denied';
  return has('trust') ? 'success' : 'ignore';
}

/** pam_listfile(8), for lists of account names; other items can't be told. */
export function listFile(line: PamModuleLine, target: PamPerson | undefined, people: PamPeople): Answer {
  const value = (key: string) =>
    line.args.findLast((arg) => arg.startsWith(`${key}=`))?.slice(key.length + 1);
  const file = value('file');
  const sense = value('sense');
  if (value('item') !== 'user' || !file || !target || value('apply') !== undefined) return undefined;
  if (sense !== 'allow' && sense !== 'deny') return undefined;
  const names = people.lists.get(file);
  if (names === undefined) return undefined;
  if (names === 'absent') return value('onerr') === 'succeed' ? 'success' : 'service_err';
  return names.includes(target.name) === (sense === 'allow') ? 'success' : 'auth_err';
}
