/** With which arguments an sshd would be started: unit files, and the default files that they read. */
import { absent, defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { argumentsKey, parseArguments, type SshdArguments, shellWords } from './sshd-arguments.ts';
import { readUnit, systemdUnits, type Unit, type UnitTree, unitList, unitNames } from './systemd-unit.ts';

export interface PlannedSshd {
  readonly arguments: SshdArguments;
  /** The unit that starts it; undefined where there is none and the built-in values count. */
  readonly unit: string | undefined;
}

/** Debian and SUSE, RHEL, older SUSE: files that the distributions' own units read. */
const DEFAULT_FILES = ['/etc/default/ssh', '/etc/sysconfig/sshd', '/etc/sysconfig/ssh'] as const;
const OWN_UNITS = /^sshd?(?:@|\.service$)/;
const WANTED = ['multi-user.target.wants', 'sockets.target.wants', 'network.target.wants'];

export const plannedSshd = defineFact<readonly PlannedSshd[]>({
  id: 'sshd-units',
  collect: async (host, get) => {
    const tree = await get(systemdUnits);
    if (tree.state === 'unreadable') return tree;
    const planned = tree.state === 'known' ? await fromUnits(host, tree.value) : known([]);
    if (planned.state !== 'known') return planned;
    if (planned.value.length > 0) return planned;
    // No unit: started by hand or by an init script, which reads the default file.
    const variables = await environmentOf(host, DEFAULT_FILES);
    if (variables.state === 'unreadable') return variables;
    const options = variables.state === 'known' ? (variables.value.get('SSHD_OPTS') ?? '') : '';
    return known([{ arguments: parseArguments(shellWords(options)), unit: undefined }]);
  },
});

async function fromUnits(host: Host, tree: UnitTree): Promise<Fact<readonly PlannedSshd[]>> {
  const found = new Map<string, PlannedSshd>();
  const names = unitNames(tree, 'service').filter((name) => /ssh|sftp/i.test(name) && !/keygen/.test(name));
  for (const name of names) {
    if (!OWN_UNITS.test(name) && !(await isEnabled(host, name))) continue;
    // An instance of a template stands for all: the arguments are the same.
    const unit = await readUnit(host, tree, name.replace(/@\.service$/, '@0.service'));
    if (unit.state === 'unreadable') return unit;
    if (unit.state !== 'known' || unit.value.state !== 'loaded') continue;
    const words = await argumentsOf(host, unit.value);
    if (words.state === 'unreadable') return words;
    if (words.state !== 'known') continue;
    const planned = { arguments: parseArguments(words.value), unit: name };
    const key = argumentsKey(planned.arguments);
    if (!found.has(key)) found.set(key, planned);
  }
  return known([...found.values()]);
}

async function isEnabled(host: Host, name: string): Promise<boolean> {
  const links = await Promise.all(WANTED.map((wants) => host.lstat(`/etc/systemd/system/${wants}/${name}`)));
  return links.some(({ state }) => state === 'known');
}

/** The words after `sshd` in ExecStart, variables filled in; absent where the unit starts something else. */
async function argumentsOf(host: Host, unit: Unit): Promise<Fact<readonly string[]>> {
  const commands = unitList(unit, 'Service', 'ExecStart').map(({ value }) => shellWords(value));
  const command = commands.find(([program = '']) => /^[-@:+!|]*\/.*\/sshd$/.test(program));
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
  return known(command.slice(1).flatMap((word) => expand(word, values)));
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
