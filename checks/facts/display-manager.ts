/**
 * Whom display managers log in by themselves: GDM, LightDM, SDDM and Plasma Login, LXDM, SLiM, nodm, ly, greetd. Configuration is read
 * whether or not the program is installed: one that is there takes effect the day the package comes back.
 */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { type IniSetting, lastIni, parseIni } from './ini-file.ts';

export interface AutomaticLogin {
  readonly source: string;
  readonly line: number;
  /** Who or what is logged in; redacted as all evidence is. */
  readonly setting: string;
}

export interface DisplayManagers {
  /** Files that were read. */
  readonly sources: readonly string[];
  readonly automatic: readonly AutomaticLogin[];
}

interface Manager {
  /** In the order in which later ones override earlier ones; a path ending in `/` is a directory of `.conf` files. */
  readonly files: readonly string[];
  readonly extension?: string;
  readonly parse?: (text: string, source: string) => IniSetting[];
  readonly judge: (settings: readonly IniSetting[]) => AutomaticLogin[];
}

const of = (setting: IniSetting): AutomaticLogin => ({
  source: setting.source,
  line: setting.line,
  setting: `[${setting.section}] ${setting.key}=${setting.value}`,
});

const isTrue = (setting: IniSetting | undefined): boolean =>
  /^(?:true|1|yes|on)$/i.test(setting?.value ?? '');
const isSet = (setting: IniSetting | undefined): setting is IniSetting => (setting?.value ?? '') !== '';

/** GDM wants the switch and the name; one without the other does nothing. */
function gdm(settings: readonly IniSetting[]): AutomaticLogin[] {
  return ['AutomaticLogin', 'TimedLogin'].flatMap((key) => {
    const name = lastIni(settings, 'daemon', key);
    return isTrue(lastIni(settings, 'daemon', `${key}Enable`)) && isSet(name) ? [of(name)] : [];
  });
}

/** LightDM: every seat section counts, `[SeatDefaults]` is the old name of `[Seat:*]`. */
function lightdm(settings: readonly IniSetting[]): AutomaticLogin[] {
  const seats = [...new Set(settings.map(({ section }) => section))].filter((name) =>
    /^(?:SeatDefaults$|Seat:)/.test(name),
  );
  return seats.flatMap((seat) => {
    const user = lastIni(settings, seat, 'autologin-user');
    const guest = lastIni(settings, seat, 'autologin-guest');
    return [...(isSet(user) ? [of(user)] : []), ...(guest && isTrue(guest) ? [of(guest)] : [])];
  });
}

const named =
  (section: string, key: string) =>
  (settings: readonly IniSetting[]): AutomaticLogin[] => {
    const user = lastIni(settings, section, key);
    return isSet(user) ? [of(user)] : [];
  };

function switched(
  section: string,
  on: string,
  user: string,
): (settings: readonly IniSetting[]) => AutomaticLogin[] {
  return (settings) => {
    const name = lastIni(settings, section, user);
    return isTrue(lastIni(settings, section, on)) && isSet(name) ? [of(name)] : [];
  };
}

/** The part of TOML that matters: tables, also dotted or inline ones, and strings. */
function parseToml(text: string, source: string): IniSetting[] {
  let section = '';
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const content = raw.trim();
    const header = /^\[+\s*([^\]#]+?)\s*\]+/.exec(content);
    if (header?.[1] !== undefined) {
      section = unquote(header[1]);
      return [];
    }
    const match = /^([A-Za-z0-9_."' -]+?)\s*=\s*(.*)$/.exec(content);
    if (!match?.[1] || content.startsWith('#')) return [];
    const path = match[1].split('.').map((part) => unquote(part.trim()));
    const key = path.pop() ?? '';
    const place = { source, line: index + 1 };
    const value = match[2] ?? '';
    if (value.startsWith('{')) {
      const pairs = [...value.matchAll(/([A-Za-z_]+)\s*=\s*("(?:\\.|[^"\\])*"|'[^']*')/g)];
      return pairs.map((pair) => ({
        ...place,
        section: [section, ...path, key].filter(Boolean).join('.'),
        key: pair[1] ?? '',
        value: unquote(pair[2] ?? ''),
      }));
    }
    const string = /^("(?:\\.|[^"\\])*"|'[^']*')/.exec(value)?.[1] ?? value;
    return [{ ...place, section: [section, ...path].filter(Boolean).join('.'), key, value: unquote(string) }];
  });
}

const unquote = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;

/** greetd: an initial session, or a default session (the greeter) that runs as somebody else than a greeter. */
function greetd(settings: readonly IniSetting[]): AutomaticLogin[] {
  const first =
    lastIni(settings, 'initial_session', 'user') ?? lastIni(settings, 'initial_session', 'command');
  const greeter = lastIni(settings, 'default_session', 'user');
  return [
    ...(first ? [{ ...of(first), setting: `[initial_session] ${first.key}` }] : []),
    ...(isSet(greeter) && !/greet/i.test(greeter.value) ? [of(greeter)] : []),
  ];
}

/** `key value` lines (SLiM) and `key=value` lines without sections (nodm, ly). */
const plain =
  (separator: RegExp) =>
  (text: string, source: string): IniSetting[] =>
    text.split(/\r?\n/).flatMap((raw, index) => {
      const match = separator.exec(raw.trim());
      return match?.[1] && !raw.trim().startsWith('#')
        ? [{ source, line: index + 1, section: '', key: match[1], value: unquote((match[2] ?? '').trim()) }]
        : [];
    });
const EQUALS = plain(/^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/);

const managers: readonly Manager[] = [
  ...['/etc/gdm3/custom.conf', '/etc/gdm3/daemon.conf', '/etc/gdm/custom.conf', '/etc/gdm/daemon.conf'].map(
    (path) => ({ files: [path], judge: gdm }),
  ),
  ...['/run/gdm3/custom.conf', '/run/gdm/custom.conf'].map((path) => ({ files: [path], judge: gdm })),
  {
    files: [
      '/usr/share/lightdm/lightdm.conf.d/',
      '/usr/local/share/lightdm/lightdm.conf.d/',
      '/etc/xdg/lightdm/lightdm.conf.d/',
      '/etc/lightdm/lightdm.conf.d/',
      '/etc/lightdm/lightdm.conf',
    ],
    judge: lightdm,
  },
  {
    files: ['/usr/lib/sddm/sddm.conf.d/', '/etc/sddm.conf.d/', '/etc/sddm.conf'],
    judge: named('Autologin', 'User'),
  },
  {
    files: ['/usr/lib/plasmalogin/defaults.conf', '/etc/plasmalogin.conf.d/', '/etc/plasmalogin.conf'],
    judge: named('Autologin', 'User'),
  },
  { files: ['/etc/lxdm/lxdm.conf'], judge: named('base', 'autologin') },
  {
    files: ['/etc/slim.conf'],
    parse: plain(/^(\S+)\s+(.*)$/),
    judge: switched('', 'auto_login', 'default_user'),
  },
  { files: ['/etc/default/nodm'], parse: EQUALS, judge: switched('', 'NODM_ENABLED', 'NODM_USER') },
  {
    files: ['/etc/ly/config.ini'],
    parse: EQUALS,
    judge: (settings) =>
      named('', 'auto_login_user')(settings.filter(({ value }) => value.toLowerCase() !== 'null')),
  },
  { files: ['/etc/greetd/'], extension: '.toml', parse: parseToml, judge: greetd },
];

async function filesOf(host: Host, manager: Manager): Promise<Fact<string[]>> {
  const paths: string[] = [];
  for (const file of manager.files) {
    if (!file.endsWith('/')) {
      paths.push(file);
      continue;
    }
    const names = await host.list(file.slice(0, -1));
    if (names.state === 'unreadable') return names;
    if (names.state === 'known')
      paths.push(
        ...names.value
          .filter((name) => name.endsWith(manager.extension ?? '.conf'))
          .map((name) => `${file}${name}`),
      );
  }
  return known(paths);
}

export const displayManagers = defineFact<DisplayManagers>({
  id: 'display-managers',
  collect: async (host) => {
    const sources: string[] = [];
    const automatic: AutomaticLogin[] = [];
    for (const manager of managers) {
      const paths = await filesOf(host, manager);
      if (paths.state !== 'known') return paths;
      const settings: IniSetting[] = [];
      for (const path of paths.value) {
        const file = await host.readText(path, { encoding: 'latin1' });
        if (file.state === 'unreadable') return file;
        if (file.state === 'absent') continue;
        sources.push(path);
        settings.push(...(manager.parse ?? parseIni)(file.value.text, path));
      }
      automatic.push(...manager.judge(settings));
    }
    return known({ sources, automatic });
  },
});
