/** APT's effective configuration, as `apt-config dump` prints it: apt.conf(5), apt-config(8). */
import { aptConfig } from '../commands.ts';
import { defineFact, type Fact, known, unreadable } from '../fact.ts';

/** Lower-case names (`dir::state::lists`) -> value; the last of a list wins, lists are not needed here. */
export type AptConfig = ReadonlyMap<string, string>;

/** Pure. Lines of the form `Name::Sub "value";`; others are skipped. */
export function parseAptConfig(text: string): AptConfig {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([^\s"]+)\s+"(.*)";\s*$/.exec(line);
    if (match?.[1] && match[2] !== undefined) values.set(match[1].toLowerCase(), match[2]);
  }
  return values;
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

/** Empty for an unpacked system: apt's own defaults. Absent where apt is not installed. */
export const aptConfiguration = defineFact<AptConfig>({
  id: 'apt-config',
  collect: async (host): Promise<Fact<AptConfig>> => {
    if (!host.live) {
      const installed = await host.stat('/usr/bin/apt-get');
      return installed.state === 'known' ? known(new Map()) : installed;
    }
    const answer = await host.run(aptConfig, []);
    if (answer.state !== 'known') return answer;
    const config = parseAptConfig(answer.value.stdout);
    if (answer.value.status !== 0 || !config.has('dir')) {
      return unreadable('apt-config dump', {
        en: 'apt-config did not print its configuration',
        de: 'apt-config hat seine Konfiguration nicht ausgegeben',
      });
    }
    return known(config);
  },
});
