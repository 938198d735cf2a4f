/** Every unit that puts a login prompt (or a shell) on a terminal, and the credentials that gettys import. */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { isForcedLogin, isShell, parseGetty } from './agetty.ts';
import {
  readUnit,
  systemdUnits,
  type Unit,
  type UnitTree,
  unitList,
  unitNames,
  unitValue,
} from './systemd-unit.ts';
import { execCommands, type UnitSetting } from './systemd-unit-file.ts';

export interface TerminalCommand {
  readonly setting: UnitSetting;
  /** Program and arguments, variables that the unit sets itself filled in. */
  readonly words: readonly string[];
  /** A variable that comes from elsewhere: what is really run can't be told. */
  readonly open?: string;
}

export interface TerminalUnit {
  readonly unit: Unit;
  readonly commands: readonly TerminalCommand[];
}

export interface Gettys {
  readonly units: readonly TerminalUnit[];
  /** Names of units that would be one and are masked. */
  readonly masked: readonly string[];
  /** Files in credential stores that agetty or login would take as "no question asked". */
  readonly credentials: readonly string[];
}

/**
 * What agetty(8) and login(1) take as "log in this account" and "ask for no password". Since systemd 257 a terminal's
 * own ones count too: `tty.serial.ttyS0.agetty.autologin` reaches the getty there as `agetty.autologin`.
 */
export const isLoginCredential = (name: string): boolean =>
  /^(?:tty\..+\.)?(?:agetty\.autologin|login\.noauth)$/.test(name);

const STORES = [
  '/run/credentials/@system',
  '/run/credentials/@encrypted',
  ...['/etc', '/run', '/usr/local/lib', '/usr/lib'].flatMap((base) => [
    `${base}/credstore`,
    `${base}/credstore.encrypted`,
  ]),
];

/** Another check asks whether this one is started; it is a root shell on purpose. */
const DEBUG_SHELL = 'debug-shell.service';

export const gettys = defineFact<Gettys>({
  id: 'gettys',
  collect: async (host, get) => {
    const tree = await get(systemdUnits);
    if (tree.state !== 'known') return tree;
    const units: TerminalUnit[] = [];
    const masked: string[] = [];
    const found = await Promise.all(
      (await candidates(host, tree.value)).map((name) => readUnit(host, tree.value, name)),
    );
    for (const unit of found) {
      if (unit.state === 'unreadable') return unit;
      if (unit.state === 'absent' || unit.value.name === DEBUG_SHELL) continue;
      if (unit.value.state === 'masked' && /getty|autovt/.test(unit.value.name)) masked.push(unit.value.name);
      const commands = terminalCommands(unit.value);
      if (commands.length > 0) units.push({ unit: unit.value, commands });
    }
    const credentials = await storedCredentials(host);
    return credentials.state === 'known'
      ? known({ units, masked, credentials: credentials.value })
      : credentials;
  },
});

/** All services, and the instances of templates that a target pulls in. */
async function candidates(host: Host, tree: UnitTree): Promise<string[]> {
  const names = new Set(unitNames(tree, 'service'));
  for (const directory of tree.directories) {
    for (const name of directory.names) {
      if (!/\.(?:wants|requires|upholds)$/.test(name)) continue;
      const wanted = await host.list(`${directory.path}/${name}`);
      if (wanted.state !== 'known') continue;
      for (const unit of wanted.value) if (/@[^.]+.*\.service$/.test(unit)) names.add(unit);
    }
  }
  return [...names].sort();
}

/** openvt(1) puts what it starts on a terminal of its own. */
const opensTerminal = ([program = '']: readonly string[]): boolean => /(?:^|\/)open(?:vt)?$/.test(program);

/** Pure. The commands of a unit that end in a prompt or a shell on a terminal. */
export function terminalCommands(unit: Unit): TerminalCommand[] {
  const terminal = /^tty(?:-force|-fail)?$/.test(unitValue(unit, 'Service', 'StandardInput')?.value ?? '');
  const isGettyUnit = unit.names.some((name) => /getty@|getty\.service$|autovt@/.test(name));
  const environment = environmentOf(unit);
  return unitList(unit, 'Service', 'ExecStart').flatMap((setting) =>
    execCommands(setting.value).flatMap((raw): TerminalCommand[] => {
      const words = raw.flatMap((word) => expand(word, environment));
      const relevant =
        parseGetty(words) !== undefined ||
        isForcedLogin(words) ||
        ((terminal || isGettyUnit || opensTerminal(words)) && isShell(words)) ||
        isGettyUnit;
      const open = words.map((word) => /\$\{?([A-Za-z_][A-Za-z0-9_]*)/.exec(word)?.[1]).find(Boolean);
      return relevant ? [{ setting, words, ...(open === undefined ? {} : { open }) }] : [];
    }),
  );
}

/** Variables that the unit sets itself; TERM is a terminal's type and never an option. */
function environmentOf(unit: Unit): ReadonlyMap<string, string> {
  const variables = new Map<string, string>([['TERM', 'linux']]);
  for (const { value } of unitList(unit, 'Service', 'Environment'))
    for (const assignment of execCommands(value).flat()) {
      const at = assignment.indexOf('=');
      if (at > 0) variables.set(assignment.slice(0, at), assignment.slice(at + 1));
    }
  // An environment file overrides all of them.
  if (unitList(unit, 'Service', 'EnvironmentFile').length > 0)
    for (const name of variables.keys()) if (name !== 'TERM') variables.delete(name);
  return variables;
}

/** `$NAME` as a word of its own is split at blanks, `${NAME}` anywhere is not; `$$` is a dollar sign. */
function expand(word: string, environment: ReadonlyMap<string, string>): string[] {
  const alone = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)?.[1];
  const value = alone === undefined ? undefined : environment.get(alone);
  if (value !== undefined) return value.split(/\s+/).filter(Boolean);
  return [
    word.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => environment.get(name) ?? whole),
  ];
}

async function storedCredentials(host: Host): Promise<Fact<string[]>> {
  const found: string[] = [];
  for (const store of STORES) {
    const names = await host.list(store);
    if (names.state === 'unreadable') return names;
    if (names.state === 'known')
      found.push(...names.value.filter(isLoginCredential).map((name) => `${store}/${name}`));
  }
  return known(found);
}
