/**
 * Which unit files of a host are in force: systemd.unit(5). The one place that knows directories and their order, masks,
 * links that make aliases, templates and instances, and which drop-ins apply. `systemdUnits` lists what is there, `readUnit`
 * resolves one unit.
 */
import { absent, defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { inForce, parseUnitFile, type UnitSetting } from './systemd-unit-file.ts';
import {
  dropInNames,
  instanceOf,
  isUnitName,
  joined,
  kindOf,
  templateOf,
  typeOf,
} from './systemd-unit-name.ts';

/** System units, in the order in which they hide each other. */
export const UNIT_DIRECTORIES = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
] as const;

interface UnitDirectory {
  readonly path: string;
  /** With links resolved: below a merged /usr, /lib/systemd/system is /usr/lib/systemd/system. */
  readonly real: string;
  readonly names: ReadonlySet<string>;
}

export interface UnitTree {
  /** Those that exist, in the order in which they hide each other. */
  readonly directories: readonly UnitDirectory[];
  /** Unit files that are links -> what they name; undefined where that lies outside and does not exist. */
  readonly links: ReadonlyMap<string, string | undefined>;
}

/** Every unit name of a type that has a file, a link or drop-ins, sorted; templates as such. */
export function unitNames(tree: UnitTree, type: string): string[] {
  const names = tree.directories
    .flatMap((directory) => [...directory.names])
    .map((name) => (name.endsWith(`.${type}.d`) ? name.slice(0, -2) : name))
    .filter((name) => name.endsWith(`.${type}`) && isUnitName(name));
  return [...new Set(names)].sort();
}

export interface Unit {
  /** As asked for. */
  readonly name: string;
  /** `masked`: linked to /dev/null or an empty file; `missing`: neither a unit file nor a drop-in. */
  readonly state: 'loaded' | 'masked' | 'missing';
  /** The unit file, as found; links are not followed in the name. */
  readonly fragment?: string;
  readonly dropIns: readonly string[];
  /** All names under which it goes: aliases by link included. */
  readonly names: readonly string[];
  /** Unit file first, then drop-ins, in the order in which they apply. */
  readonly settings: readonly UnitSetting[];
}

/** The assignments of a list setting that are in force, such as `Service`, `ExecStart`. */
export const unitList = (unit: Unit, section: string, key: string): readonly UnitSetting[] =>
  inForce(unit.settings, section, key);

/** The last assignment of a single value; undefined where there is none or it is empty. */
export const unitValue = (unit: Unit, section: string, key: string): UnitSetting | undefined => {
  const last = unit.settings.filter((setting) => setting.section === section && setting.key === key).at(-1);
  return last?.value === '' ? undefined : last;
};

/** All unit directories of the host with their links; collected once a round. */
export const systemdUnits = defineFact<UnitTree>({ id: 'systemd-units', collect: readUnitTree });

/** Lists the unit directories. On merged-/usr systems /lib and /usr/lib are one and are listed once. */
export async function readUnitTree(host: Host): Promise<Fact<UnitTree>> {
  const directories: UnitDirectory[] = [];
  for (const path of UNIT_DIRECTORIES) {
    const real = await host.realPath(path);
    if (real.state === 'unreadable') return real;
    if (real.state === 'absent' || directories.some((other) => other.real === real.value)) continue;
    const names = await host.list(path);
    if (names.state === 'unreadable') return names;
    if (names.state === 'known') directories.push({ path, real: real.value, names: new Set(names.value) });
  }
  if (directories.length === 0) return absent('/usr/lib/systemd/system');
  const links = new Map<string, string | undefined>();
  for (const { path, real, names } of directories) {
    const found = await Promise.all(
      [...names].filter(isUnitName).map((name) => link(host, directories, `${path}/${name}`, real)),
    );
    for (const fact of found) {
      if (fact.state === 'unreadable') return fact;
      if (fact.state === 'known' && fact.value) links.set(fact.value.path, fact.value.target);
    }
  }
  const valid = directories.map((directory) => ({
    ...directory,
    names: new Set(
      [...directory.names].filter((name) => !isRejected(directories, links, directory.path, name)),
    ),
  }));
  return known({ directories: valid, links });
}

/**
 * systemd passes over a link to another unit whose kind does not fit: another type, or an instance, a template and a
 * plain unit for each other. An instance may lead to a template, or to an instance of the same name behind the `@`.
 * A link to a file outside that is not there is passed over too, so that it hides nothing. Within the directories the
 * name in the link counts, whether or not that very file is there.
 */
function isRejected(
  directories: readonly UnitDirectory[],
  links: ReadonlyMap<string, string | undefined>,
  directory: string,
  name: string,
): boolean {
  const path = `${directory}/${name}`;
  const target = links.get(path);
  if (target === undefined) return links.has(path);
  if (target === '/dev/null') return false;
  const slash = target.lastIndexOf('/');
  if (!directories.some(({ real }) => real === target.slice(0, slash))) return false;
  const other = target.slice(slash + 1);
  if (!isUnitName(other) || typeOf(name) !== typeOf(other)) return true;
  const [kind, otherKind] = [kindOf(name), kindOf(other)];
  if (kind !== 'instance') return kind !== otherKind;
  return otherKind === 'instance' ? instanceOf(name) !== instanceOf(other) : otherKind !== 'template';
}

/** Where a link leads by what is written in it, as systemd takes it; undefined where a file outside is not there. */
async function link(
  host: Host,
  directories: readonly UnitDirectory[],
  path: string,
  from: string,
): Promise<Fact<{ path: string; target: string | undefined } | undefined>> {
  const stat = await host.lstat(path);
  if (stat.state === 'unreadable') return stat;
  if (stat.state === 'absent' || stat.value.type !== 'symlink') return known(undefined);
  const text = await host.readlink(path);
  if (text.state === 'unreadable') return text;
  if (text.state === 'absent') return known(undefined);
  const written = joined(from, text.value);
  if (written === '/dev/null') return known({ path, target: written });
  // The directories before the name are followed, the name itself is not: what it stands for is found by name.
  const slash = written.lastIndexOf('/');
  const directory = await host.realPath(written.slice(0, slash) || '/');
  if (directory.state === 'unreadable') return directory;
  const target = directory.state === 'known' ? `${directory.value}/${written.slice(slash + 1)}` : written;
  if (directories.some(({ real }) => real === target.slice(0, target.lastIndexOf('/'))))
    return known({ path, target });
  const real = await host.realPath(path);
  if (real.state === 'unreadable') return real;
  if (real.state === 'absent') return known({ path, target: undefined });
  return known({ path, target: real.value === '/dev/null' ? real.value : target });
}

interface Fragment {
  readonly path: string;
  readonly masked: boolean;
  readonly names: readonly string[];
  readonly text: string;
}

/** Finds a unit's file: its own name in all directories first, then its template's. Links to other names are aliases. */
async function findFragment(host: Host, tree: UnitTree, name: string): Promise<Fact<Fragment>> {
  const names = [name];
  let byTemplate = false;
  for (;;) {
    const current = names.at(-1) ?? name;
    const path = (byTemplate ? undefined : locate(tree, current)) ?? locate(tree, templateOf(current));
    if (path === undefined) return absent(name);
    if (tree.links.has(path)) {
      const target = tree.links.get(path);
      if (target === '/dev/null') return known({ path, masked: true, names, text: '' });
      const alias = target === undefined ? undefined : aliasOf(tree, current, target);
      if (alias !== undefined && !names.includes(alias)) {
        names.push(alias);
        byTemplate = false;
        continue;
      }
      // An instance linked to its own template goes by the template's name, whichever directory has it first.
      if (!byTemplate && target !== undefined && nameIn(tree, target) === templateOf(current)) {
        byTemplate = true;
        continue;
      }
    }
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state !== 'known') return file;
    const masked = file.value.stat.size === 0;
    return known({ path, masked, names: withAliases(tree, names), text: file.value.text });
  }
}

function locate(tree: UnitTree, name: string | undefined): string | undefined {
  const directory = name && tree.directories.find(({ names }) => names.has(name));
  return directory ? `${directory.path}/${name}` : undefined;
}

/**
 * The other unit name that a link stands for: `autovt@tty2.service` -> getty@.service is `getty@tty2.service`. A link
 * that leaves the unit directories brings a file in under the link's own name.
 */
function aliasOf(tree: UnitTree, name: string, target: string): string | undefined {
  const base = nameIn(tree, target);
  return base === undefined ? undefined : aliasFrom(name, base);
}

function aliasFrom(name: string, base: string): string | undefined {
  const instance = instanceOf(name);
  const filled = instance === '' ? base : withInstance(base, instance);
  return filled === name || filled === templateOf(name) ? undefined : filled;
}

/** `getty@.service` with tty1 -> `getty@tty1.service`; what is no template stays as it is. */
const withInstance = (name: string, instance: string): string =>
  name.replace(/@(?=\.[a-z]+$)/, `@${instance}`);

/** The unit name of a file in one of the unit directories. */
function nameIn(tree: UnitTree, path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  const base = path.slice(slash + 1);
  return isUnitName(base) && tree.directories.some(({ real }) => real === path.slice(0, slash))
    ? base
    : undefined;
}

interface UnitLink {
  readonly name: string;
  /** The unit name that it leads to. */
  readonly base: string;
}

/** Of each tree once: a round resolves hundreds of units by the same links. */
const linksInForce = new WeakMap<UnitTree, readonly UnitLink[]>();

/** The links to other units that no directory before theirs hides. */
function unitLinks(tree: UnitTree): readonly UnitLink[] {
  const before = linksInForce.get(tree);
  if (before) return before;
  const found: UnitLink[] = [];
  for (const [path, target] of tree.links) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const base = target === undefined ? undefined : nameIn(tree, target);
    if (base !== undefined && locate(tree, name) === path) found.push({ name, base });
  }
  linksInForce.set(tree, found);
  return found;
}

/** Adds the links that lead to one of `names`: their drop-ins count too. */
function withAliases(tree: UnitTree, names: readonly string[]): readonly string[] {
  const all = new Set(names);
  const instance = names.map(instanceOf).find((text) => text !== '') ?? '';
  for (const { name, base } of unitLinks(tree)) {
    const filled = instance === '' || !name.includes('@') ? name : withInstance(name, instance);
    const alias = aliasFrom(filled, base);
    if (alias !== undefined && all.has(alias)) all.add(filled);
  }
  return [...all];
}

/** A file name once, from the directory that comes first; then sorted by file name. */
async function findDropIns(host: Host, tree: UnitTree, names: readonly string[]): Promise<Fact<string[]>> {
  const chosen = new Map<string, string>();
  const type = /\.[a-z]+$/.exec(names[0] ?? '')?.[0]?.slice(1) ?? '';
  const own = [...new Set(names.flatMap(dropInNames))];
  const places = [own, [type]].flatMap((group) =>
    tree.directories.flatMap((directory) =>
      group
        .map((name) => `${name}.d`)
        .filter((name) => directory.names.has(name))
        .map((name) => `${directory.path}/${name}`),
    ),
  );
  for (const place of places) {
    const files = await host.list(place);
    if (files.state === 'unreadable') return files;
    if (files.state === 'absent') continue;
    for (const file of files.value)
      if (file.endsWith('.conf') && !file.startsWith('.') && !chosen.has(file))
        chosen.set(file, `${place}/${file}`);
  }
  return known([...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path));
}

/** Resolves one unit. What can't be read makes the whole unit unreadable. */
export async function readUnit(host: Host, tree: UnitTree, name: string): Promise<Fact<Unit>> {
  const fragment = await findFragment(host, tree, name);
  if (fragment.state === 'unreadable') return fragment;
  const found = fragment.state === 'known' ? fragment.value : undefined;
  const names = found?.names ?? [name];
  if (found?.masked)
    return known({ name, state: 'masked', fragment: found.path, dropIns: [], names, settings: [] });
  const dropIns = await findDropIns(host, tree, names);
  if (dropIns.state !== 'known') return dropIns;
  const settings = found ? parseUnitFile(found.text, found.path) : [];
  for (const path of dropIns.value) {
    const real = await host.realPath(path);
    if (real.state === 'unreadable') return real;
    if (real.state === 'absent' || real.value === '/dev/null') continue;
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state === 'known') settings.push(...parseUnitFile(file.value.text, path));
  }
  return known({
    name,
    state: found || dropIns.value.length > 0 ? 'loaded' : 'missing',
    ...(found ? { fragment: found.path } : {}),
    dropIns: dropIns.value,
    names,
    settings,
  });
}
