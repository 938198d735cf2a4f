/** APT's effective configuration, as `apt-config dump` prints it: apt.conf(5), apt-config(8). */
import { aptConfig } from '../commands.ts';
import { defineFact, type Fact, known, mapFact, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import { type AptSetting, addAptConf } from './apt-conf-file.ts';

/** Lower-case names (`dir::state::lists`) -> value; the last of a list wins, lists are read by `aptList`. */
export type AptConfig = ReadonlyMap<string, string>;

/** Pure. Lines of the form `Name::Sub "value";`; others are skipped. */
export function parseAptSettings(text: string): AptSetting[] {
  return text.split('\n').flatMap((line): AptSetting[] => {
    const [, name, value] = /^([^\s"]+)\s+"(.*)";\s*$/.exec(line) ?? [];
    return name && value !== undefined ? [{ name, value }] : [];
  });
}

const toConfig = (settings: readonly AptSetting[]): AptConfig =>
  new Map(settings.map(({ name, value }) => [name.toLowerCase(), value]));

export const parseAptConfig = (text: string): AptConfig => toConfig(parseAptSettings(text));

/** The value of one name. */
export function aptValue(settings: readonly AptSetting[], name: string): string | undefined {
  const lower = name.toLowerCase();
  return settings.findLast((each) => each.name.toLowerCase() === lower)?.value;
}

/** The members of a list: what stands one level below its name, with names of their own or without. */
export function aptList(settings: readonly AptSetting[], name: string): string[] {
  const start = `${name.toLowerCase()}::`;
  return settings
    .filter(
      (each) => each.name.toLowerCase().startsWith(start) && !each.name.slice(start.length).includes('::'),
    )
    .map(({ value }) => value)
    .filter((value) => value !== '');
}

/** apt's StringToBool: undefined for what is neither, where apt takes the default. */
export function aptBoolean(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(?:no|false|without|off|disable)$/i.test(value)) return false;
  if (/^(?:yes|true|with|on|enable)$/i.test(value)) return true;
  return value === '0' || value === '1' ? value === '1' : undefined;
}

/** The path that a `Dir::` name stands for: relative values hang below their parent, as apt resolves them. */
export function aptPath(config: AptConfig, name: string, otherwise: string): string {
  const parts = name.toLowerCase().split('::');
  let path = '';
  for (let length = parts.length; length > 0; length -= 1) {
    const value = config.get(parts.slice(0, length).join('::'));
    if (value === undefined) {
      if (length === parts.length) return otherwise;
      continue;
    }
    path = path ? `${value.replace(/\/+$/, '')}/${path}` : value;
    if (path.startsWith('/')) break;
  }
  return (path.startsWith('/') ? path : `/${path}`).replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}

/** Everything that is set, in apt's order. Of an unpacked system: what its files set. Absent where apt is not installed. */
export const aptSettings = defineFact<readonly AptSetting[]>({
  id: 'apt-settings',
  collect: async (host): Promise<Fact<readonly AptSetting[]>> => {
    if (!host.live) {
      const installed = await host.stat('/usr/bin/apt-get');
      return installed.state === 'known' ? readFiles(host) : installed;
    }
    const answer = await host.run(aptConfig, []);
    if (answer.state !== 'known') return answer;
    const settings = parseAptSettings(answer.value.stdout);
    if (answer.value.status !== 0 || aptValue(settings, 'Dir') === undefined) {
      return unreadable('apt-config dump', {
        en: 'apt-config did not print its configuration',
        de: 'apt-config hat seine Konfiguration nicht ausgegeben',
      });
    }
    return known(settings);
  },
});

const PARTS = '/etc/apt/apt.conf.d';

async function readFiles(host: Host): Promise<Fact<readonly AptSetting[]>> {
  const names = await host.list(PARTS);
  if (names.state === 'unreadable') return names;
  const parts = names.state === 'known' ? names.value : [];
  // Letters, digits, `_`, `-` and `.`; no ending, or `.conf`: apt.conf(5).
  const wanted = parts.filter((name) => /^[A-Za-z0-9_-]+(?:\.conf)?$|^[A-Za-z0-9_.-]+\.conf$/.test(name));
  let settings: readonly AptSetting[] = [];
  for (const path of [...wanted.map((name) => `${PARTS}/${name}`), '/etc/apt/apt.conf']) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state === 'known') settings = addAptConf(settings, file.value.text);
  }
  return known(settings);
}

/** The same by name. */
export const aptConfiguration = defineFact<AptConfig>({
  id: 'apt-config',
  collect: async (_host, get): Promise<Fact<AptConfig>> => mapFact(await get(aptSettings), toConfig),
});
