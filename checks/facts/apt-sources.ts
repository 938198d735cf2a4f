/** Package sources that are switched on: sources.list(5), one-line and deb822, as apt reads them. */
import { defineFact, type Fact, known, mapFact, valueIn, valueOr } from '../fact.ts';
import { type AptConfig, aptConfiguration, aptPath } from './apt-config.ts';

export interface AptSource {
  readonly file: string;
  readonly line: number;
  /** Without user part. */
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** False where Valid-Until is ignored for this source. */
  readonly validUntil: boolean;
  /** Options that let apt take what nobody has signed: `trusted`, `allow-insecure` and the like. */
  readonly unverified: readonly string[];
  /** Keyring files, fingerprints or a key itself; undefined where apt's own keyrings count. */
  readonly signedBy?: string;
  /** Start of the names of this source's files in /var/lib/apt/lists. */
  readonly stem: string;
}

export interface SourceEntry {
  readonly line: number;
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly validUntil?: boolean;
  readonly unverified?: readonly string[];
  readonly signedBy?: string;
}

const no = (value: string): boolean => /^(?:no|false|without|off|disable|0)$/i.test(value);
const yes = (value: string): boolean => /^(?:yes|true|with|on|enable|1)$/i.test(value);

/** Options that switch verification off, by their names in both forms: sources.list(5). */
const UNVERIFIED = ['trusted', 'allow-insecure', 'allow-weak', 'allow-downgrade-to-insecure'];

/** What both forms say beside the place. `option` gives a value by its name in lower case. */
function settled(option: (name: string) => string | undefined): Partial<SourceEntry> {
  const checked = option('check-valid-until');
  const signedBy = option('signed-by')?.trim();
  const unverified = UNVERIFIED.filter((name) => yes(option(name)?.trim() ?? ''));
  return {
    ...(checked === undefined ? {} : { validUntil: !no(checked.trim()) }),
    ...(unverified.length > 0 ? { unverified } : {}),
    ...(signedBy ? { signedBy } : {}),
  };
}

/** `deb [options] uri suite component...`, one per line. Pure; other types and what apt refuses are skipped. */
export function parseOneLine(text: string): readonly SourceEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    // apt reads no longer ones either, and the pattern below takes its time over what is not a source.
    if (raw.length > 4096) return [];
    const match =
      /^\s*deb\s+(?:\[([^\]]*)\]\s*)?("[^"]*"|\[[^\]]*\]\S*|\S*?\[[^\]]*\]\S*|\S+)\s+(\S+)(.*)$/.exec(
        raw.replace(/(^|\s)#.*$/, ''),
      );
    const [, options = '', uri, suite, components = ''] = match ?? [];
    if (!uri || !suite) return [];
    const option = (name: string): string | undefined =>
      new RegExp(`(?:^|\\s)${name}\\s*=\\s*("[^"]*"|\\S+)`, 'i').exec(options)?.[1]?.replaceAll('"', '');
    return [
      {
        line: index + 1,
        uri: uri.replaceAll('"', ''),
        suite,
        components: components.split(/\s+/).filter(Boolean),
        ...settled(option),
      },
    ];
  });
}

/** Paragraphs of `Types:`, `URIs:`, `Suites:`, `Components:`; comment lines count nowhere. Pure. */
export function parseDeb822(text: string): readonly SourceEntry[] {
  const entries: SourceEntry[] = [];
  let fields = new Map<string, string>();
  let start = 1;
  let last = '';
  const flush = (): void => {
    const words = (name: string): string[] => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
    if (words('types').includes('deb') && !no(fields.get('enabled')?.trim() ?? 'yes')) {
      for (const uri of words('uris')) {
        for (const suite of words('suites')) {
          entries.push({
            line: start,
            uri,
            suite,
            components: words('components'),
            ...settled((name) => fields.get(name)),
          });
        }
      }
    }
    fields = new Map();
    last = '';
  };
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      flush();
      continue;
    }
    const field = /^([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/.exec(line);
    if (field?.[1]) {
      if (fields.size === 0) start = index + 1;
      last = field[1].toLowerCase();
      fields.set(last, field[2] ?? '');
    } else if (/^\s/.test(line) && last) {
      fields.set(last, `${fields.get(last) ?? ''}\n${line.trim()}`);
    }
  }
  flush();
  return entries;
}

/** Start of the list files' names: apt's URItoFileName of the place where the Release file lies. Pure. */
export function listStem(uri: string, suite: string): string {
  const base = uri.endsWith('/') ? uri : `${uri}/`;
  const where = suite.endsWith('/') ? (suite === '/' ? base : base + suite) : `${base}dists/${suite}/`;
  const bare = where.replace(/^[a-z0-9+.-]+:(?:\/\/(?:[^/@]*@)?)?/i, '');
  return [...new TextEncoder().encode(bare)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const quoted = byte <= 0x20 || byte >= 0x7f || '%\\|{}[]<>"^~_=!@#$&*'.includes(character);
      return quoted ? `%${byte.toString(16).padStart(2, '0')}` : character;
    })
    .join('')
    .replaceAll('/', '_');
}

function toSource(file: string, entry: SourceEntry, config: AptConfig): AptSource {
  const architecture = config.get('apt::architecture') ?? '';
  const suite = entry.suite.replaceAll('$(ARCH)', architecture);
  const uri = entry.uri.replaceAll('$(ARCH)', architecture);
  return {
    file,
    line: entry.line,
    uri: uri.replace(/^([a-z0-9+.-]+:\/\/)[^/@]*@/i, '$1'),
    suite,
    components: entry.components,
    validUntil: entry.validUntil ?? !no(config.get('acquire::check-valid-until') ?? 'yes'),
    unverified: entry.unverified ?? [],
    ...(entry.signedBy ? { signedBy: entry.signedBy } : {}),
    stem: listStem(uri, suite),
  };
}

/** Every source of packages that is switched on, CD-ROMs too. Absent where apt is not installed. */
export const aptEverySource = defineFact<readonly AptSource[]>({
  id: 'apt-every-source',
  collect: async (host, get): Promise<Fact<readonly AptSource[]>> => {
    const configuration = await get(aptConfiguration);
    if (configuration.state !== 'known') return configuration;
    const config = configuration.value;
    const parts = aptPath(config, 'Dir::Etc::sourceparts', '/etc/apt/sources.list.d');
    const names = valueOr(await host.list(parts), [])
      .filter((name) => /^[A-Za-z0-9_:-][A-Za-z0-9_.:-]*\.(?:list|sources)$/.test(name))
      .map((name) => `${parts}/${name}`);
    const sources: AptSource[] = [];
    for (const path of [aptPath(config, 'Dir::Etc::sourcelist', '/etc/apt/sources.list'), ...names]) {
      const file = await host.readText(path);
      if (file.state === 'absent' || path === '/dev/null') continue;
      const { text } = valueIn(file);
      const entries = path.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text);
      sources.push(...entries.map((entry) => toSource(path, entry, config)));
    }
    return known(sources);
  },
});

export const isCdrom = ({ uri }: AptSource): boolean => /^cdrom:/i.test(uri);

/** Every source that `apt-get update` would fetch; CD-ROMs are none. */
export const aptSources = defineFact<readonly AptSource[]>({
  id: 'apt-sources',
  collect: async (_host, get): Promise<Fact<readonly AptSource[]>> =>
    mapFact(await get(aptEverySource), (all) => all.filter((source) => !isCdrom(source))),
});
