/** Where rsyslog puts messages of the facilities auth and authpriv: rsyslog.conf(5), the selectors of old; of RainerScript only that it is there. */
import { defineFact, type Fact, known } from '../fact.ts';

export interface LogRule {
  readonly source: string;
  readonly line: number;
  /** Facilities of `auth` and `authpriv` whose messages from priority info on it takes. */
  readonly takes: readonly ('auth' | 'authpriv')[];
  /** A file, `@host`, `@@host`; what goes to terminals and pipes is left out. */
  readonly target: string;
}

export interface Rsyslog {
  readonly rules: readonly LogRule[];
  /** Lines in the newer language that may send such messages somewhere, which is not followed here. */
  readonly script: { readonly source: string; readonly line: number } | undefined;
}

const PRIORITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const ALIASES: Readonly<Record<string, string>> = { panic: 'emerg', error: 'err', warn: 'warning' };

/** Pure. Selectors apply from left to right, later ones narrow or widen: `*.*;authpriv.none`. */
export function takenBy(selector: string): ('auth' | 'authpriv')[] {
  return (['auth', 'authpriv'] as const).filter((facility) => {
    let taken = false;
    for (const part of selector.split(';')) {
      const dot = part.lastIndexOf('.');
      const names = part.slice(0, dot).toLowerCase().split(',');
      const alike = facility === 'auth' ? ['auth', 'security'] : ['authpriv'];
      if (!names.some((name) => name.trim() === '*' || alike.includes(name.trim()))) continue;
      const priority = part
        .slice(dot + 1)
        .trim()
        .toLowerCase();
      const exact = /^[=!]/.test(priority);
      const word = priority.replace(/^[=!]+/, '');
      if (word === 'none') taken = false;
      else if (word === '*') taken = !priority.startsWith('!');
      else if (!exact) {
        const rank = PRIORITIES.indexOf(ALIASES[word] ?? word);
        taken = rank >= PRIORITIES.indexOf('info') || (taken && rank >= 0);
      } else if (priority.startsWith('!')) taken = false;
    }
    return taken;
  });
}

/** Pure, never throws. */
export function parseRsyslog(text: string, source: string): Rsyslog {
  const rules: LogRule[] = [];
  let script: Rsyslog['script'];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith('$')) continue;
    if (/^(?:if\b|ruleset\(|action\(|call\b|stop\b|\*\.\*\s+(?:action\(|call\b|stop\b|~)|:)/.test(content)) {
      script ??= { source, line: index + 1 };
      continue;
    }
    const match = /^([a-z*][\w*,.;=!\s-]*?\.[\w*=!]+)\s+(\S.*)$/i.exec(content);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const takes = takenBy(match[1].replace(/\s+/g, ''));
    if (takes.length === 0) continue;
    const target = /^(-?\/(?!dev\/)\S*|@@?\S+)/.exec(match[2])?.[1];
    if (target !== undefined)
      rules.push({ source, line: index + 1, takes, target: target.replace(/^-/, '') });
    else if (/^(?:~|stop\b|action\(|call\b|\?|\$)/.test(match[2])) script ??= { source, line: index + 1 };
  }
  return { rules, script };
}

/** Empty where there is no configuration. */
export const rsyslog = defineFact<Rsyslog>({
  id: 'rsyslog',
  collect: async (host): Promise<Fact<Rsyslog>> => {
    const names = await host.list('/etc/rsyslog.d');
    if (names.state === 'unreadable') return names;
    const dropIns = names.state === 'known' ? names.value.filter((name) => name.endsWith('.conf')) : [];
    const paths = ['/etc/rsyslog.conf', ...dropIns.map((name) => `/etc/rsyslog.d/${name}`)];
    const found: Rsyslog[] = [];
    for (const path of paths) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') found.push(parseRsyslog(file.value.text, path));
    }
    return known({
      rules: found.flatMap(({ rules }) => rules),
      script: found.map(({ script }) => script).find(Boolean),
    });
  },
});
