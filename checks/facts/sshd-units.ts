/**
 * Which SSH servers would be started, and with which arguments: unit files, the default files that they read, and
 * cron's @reboot. A unit counts by what it starts, whatever its name.
 */
import { absent, defineFact, type Fact, type GetFact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { shellCommands } from './backup-shell.ts';
import { cron } from './cron.ts';
import { argumentsKey, parseArguments, type SshdArguments, shellWords } from './sshd-arguments.ts';
import { OTHER_SERVERS } from './sshd-daemons.ts';
import { readUnit, systemdUnits, type Unit, type UnitTree, unitList, unitNames } from './systemd-unit.ts';
import { pulledInUnits } from './wanted-units.ts';

export interface PlannedSshd {
  /** Absolute, or a name alone where PATH decides; undefined where there is no unit. */
  readonly program: string | undefined;
  readonly arguments: SshdArguments;
  /** The unit that starts it, `cron`, or undefined where there is none and the built-in values count. */
  readonly unit: string | undefined;
}

/** Debian and SUSE, RHEL, older SUSE: files that the distributions' own units read. */
const DEFAULT_FILES = ['/etc/default/ssh', '/etc/sysconfig/sshd', '/etc/sysconfig/ssh'] as const;
const OWN_UNITS = /^sshd?(?:@|\.service$)/;

export const plannedSshd = defineFact<readonly PlannedSshd[]>({
  id: 'sshd-units',
  collect: async (host, get) => {
    const tree = await get(systemdUnits);
    if (tree.state === 'unreadable') return tree;
    const planned = tree.state === 'known' ? await fromUnits(host, get, tree.value) : known([]);
    if (planned.state !== 'known') return planned;
    const found = new Map(planned.value.map((one) => [keyOf(one), one]));
    for (const one of await fromCron(get)) if (!found.has(keyOf(one))) found.set(keyOf(one), one);
    if (planned.value.some(({ program }) => nameOf(program) === 'sshd')) return known([...found.values()]);
    // No unit: started by hand or by an init script, which reads the default file.
    const variables = await environmentOf(host, DEFAULT_FILES);
    if (variables.state === 'unreadable') return variables;
    const options = variables.state === 'known' ? (variables.value.get('SSHD_OPTS') ?? '') : '';
    const byHand = { program: undefined, arguments: parseArguments(shellWords(options)), unit: undefined };
    return known([byHand, ...found.values()]);
  },
});

const nameOf = (program: string | undefined): string =>
  program === undefined ? '' : program.slice(program.lastIndexOf('/') + 1);
const keyOf = ({ program, arguments: given }: PlannedSshd): string => `${program} ${argumentsKey(given)}`;

async function fromUnits(host: Host, get: GetFact, tree: UnitTree): Promise<Fact<readonly PlannedSshd[]>> {
  const pulledIn = await get(pulledInUnits);
  if (pulledIn.state !== 'known') return pulledIn;
  const found = new Map<string, PlannedSshd>();
  const own = unitNames(tree, 'service').filter((name) => OWN_UNITS.test(name) && !/keygen/.test(name));
  const others = await startedBy(host, tree, [...pulledIn.value.keys()]);
  for (const name of [...new Set([...own, ...others])]) {
    // An instance of a template stands for all: the arguments are the same.
    const unit = await readUnit(host, tree, name.replace(/@\.service$/, '@0.service'));
    if (unit.state === 'unreadable') return unit;
    if (unit.state !== 'known' || unit.value.state !== 'loaded') continue;
    const words = await argumentsOf(host, unit.value);
    if (words.state === 'unreadable') return words;
    if (words.state !== 'known') continue;
    const [program, ...rest] = words.value;
    const planned = { program, arguments: parseArguments(rest), unit: name };
    if (!found.has(keyOf(planned))) found.set(keyOf(planned), planned);
  }
  return known([...found.values()]);
}

/** Services among the units that something pulls in, and those that sockets start. systemd.socket(5) */
async function startedBy(host: Host, tree: UnitTree, names: readonly string[]): Promise<readonly string[]> {
  const services: string[] = [];
  for (const name of names) {
    if (name.endsWith('.service')) services.push(name);
    if (!name.endsWith('.socket')) continue;
    const socket = await readUnit(host, tree, name);
    if (socket.state !== 'known' || socket.value.state !== 'loaded') continue;
    const named = unitList(socket.value, 'Socket', 'Service').at(-1)?.value;
    const stem = name.replace(/\.socket$/, '');
    services.push(...(named ? [named] : [`${stem}.service`, `${stem}@.service`]));
  }
  return services;
}

/** What @reboot starts; a table that can't be read is the business of the checks on cron. */
async function fromCron(get: GetFact): Promise<readonly PlannedSshd[]> {
  const jobs = await get(cron);
  if (jobs.state !== 'known' || jobs.value.problem) return [];
  return jobs.value.jobs
    .filter(({ schedule, problem }) => schedule === '@reboot' && !problem)
    .flatMap(({ command }) => shellCommands(command).flatMap(({ words }) => serverIn(words) ?? []))
    .map(({ program, words }) => ({ program, arguments: parseArguments(words), unit: 'cron' }));
}

/** What starts another program on its own command line; each takes that program as its first plain word. */
const WRAPPERS = /^(?:env|exec|nice|ionice|setsid|nohup|stdbuf|systemd-cat|command)$/;

/** The SSH server that a command starts; `sh -c` and wrappers looked through. */
function serverIn(
  words: readonly string[],
  depth = 0,
): { program: string; words: readonly string[] } | undefined {
  const [program = '', ...rest] = words;
  const name = nameOf(program);
  if (name === 'sshd' || OTHER_SERVERS.includes(name)) return { program, words: rest };
  if (depth > 4) return undefined;
  if (WRAPPERS.test(name)) {
    const at = rest.findIndex((word) => !word.startsWith('-') && !/^\w+=/.test(word));
    return at < 0 ? undefined : serverIn(rest.slice(at), depth + 1);
  }
  const text = /^(?:ba|da|k|z|a)?sh$/.test(name) ? rest.findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  if (text < 0) return undefined;
  return shellCommands(rest[text + 1] ?? '')
    .map((command) => serverIn(command.words, depth + 1))
    .find((found) => found !== undefined);
}

/** The server and the words after it in ExecStart, variables filled in; absent where the unit starts something else. */
async function argumentsOf(host: Host, unit: Unit): Promise<Fact<readonly string[]>> {
  const instance = /@(.*)\.service$/.exec(unit.name)?.[1] ?? '';
  const command = unitList(unit, 'Service', 'ExecStart')
    .map(({ value }) => serverIn(shellWords(value.replace(/^[-@:+!|]+/, '').replace(/%[iI]/g, instance))))
    .find((server) => server !== undefined);
  if (!command) return absent(unit.name);
  const files = unitList(unit, 'Service', 'EnvironmentFile').map(({ value }) => value.replace(/^-/, ''));
  const variables = await environmentOf(host, files);
  if (variables.state === 'unreadable') return variables;
  const values = new Map(variables.state === 'known' ? variables.value : []);
  for (const { value } of unitList(unit, 'Service', 'Environment'))
    for (const word of shellWords(value)) {
      const equals = word.indexOf('=');
      if (equals > 0 && !values.has(word.slice(0, equals)))
        values.set(word.slice(0, equals), word.slice(equals + 1));
    }
  return known([command.program, ...command.words.flatMap((word) => expand(word, values))]);
}

/** systemd.service(5): `$NAME` alone is split into words, `${NAME}` is one word or a part of one. */
function expand(word: string, values: ReadonlyMap<string, string>): readonly string[] {
  const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
  if (alone !== undefined) return shellWords(values.get(alone) ?? '');
  return [word.replace(/\$\{([A-Za-z_]\w*)\}/g, (_all, name: string) => values.get(name) ?? '')];
}

async function environmentOf(
  host: Host,
  paths: readonly string[],
): Promise<Fact<ReadonlyMap<string, string>>> {
  const values = new Map<string, string>();
  for (const path of paths) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state !== 'known') continue;
    for (const line of file.value.text.split('\n')) {
      const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$/.exec(line);
      if (match?.[1] !== undefined) values.set(match[1], unquoted(match[2] ?? ''));
    }
  }
  return known(values);
}

const unquoted = (text: string) => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
