/**
 * TMOUT as a login shell has it after its start files: bash(1), INVOCATION. The files are read, not run: what stands in a
 * condition, or comes from another variable, can not be told and is said so.
 */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';

export interface ShellTimeout {
  /** Seconds; undefined: not set, or unset again. */
  readonly seconds: number | undefined;
  readonly readonly: boolean;
  readonly exported: boolean;
  /** Where the value, or the last change, stands. */
  readonly source: string;
  readonly line?: number;
  /** A line whose effect can not be told. */
  readonly unclear?: { readonly source: string; readonly line: number };
}

export interface StartLine {
  readonly source: string;
  readonly line: number;
  readonly text: string;
  /** Inside if, case, a loop or a function. */
  readonly conditional: boolean;
}

const OPENS = /^(?:if|for|while|until|case|select)\b|^(?:function\s+)?[\w-]+\s*\(\)|^\{$/;
const CLOSES = /^(?:fi|done|esac)\b|^\}/;

/** Pure. Commands of a file, one each, with whether something decides on them; comments are gone. */
export function startLines(text: string, source: string): StartLine[] {
  const lines: StartLine[] = [];
  let depth = 0;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const visible = raw.replace(/(^|\s)#.*$/, '');
    const decided = /(?:&&|\|\|)/.test(visible);
    for (const part of visible.split(/;|&&|\|\|/)) {
      const command = part.trim().replace(/^(?:then|do|else)\s+/, '');
      if (command === '') continue;
      if (CLOSES.test(command)) depth = Math.max(0, depth - 1);
      lines.push({ source, line: index + 1, text: command, conditional: depth > 0 || decided });
      if (OPENS.test(command)) depth += 1;
    }
  }
  return lines;
}

/** Pure. What these commands leave in TMOUT. A variable that is read-only stays as it is. */
export function timeoutOf(lines: readonly StartLine[]): ShellTimeout {
  let state: ShellTimeout = { seconds: undefined, readonly: false, exported: false, source: '/etc/profile' };
  for (const { source, line, text, conditional } of lines) {
    if (!/\bTMOUT\b/.test(text)) continue;
    const words = text.split(/\s+/);
    const builtin = /^(?:export|readonly|declare|typeset|unset)$/.test(words[0] ?? '') ? words[0] : undefined;
    const flags = words
      .slice(1)
      .filter((word) => /^[-+]/.test(word))
      .join('');
    const assignment = words.find((word) => word.startsWith('TMOUT='));
    const named = assignment !== undefined || (builtin !== undefined && words.includes('TMOUT'));
    if (!named || (builtin === undefined && !text.startsWith('TMOUT='))) {
      // Reading it changes nothing; a command that is not known here may.
      if (/(?:\beval\b|\bread\b|\bprintf -v\b)/.test(text)) state = { ...state, unclear: { source, line } };
      continue;
    }
    if (conditional) {
      state = { ...state, unclear: { source, line } };
      continue;
    }
    const place = { source, line };
    if (builtin === 'unset') {
      if (!state.readonly) state = { seconds: undefined, readonly: false, exported: false, ...place };
      continue;
    }
    // bash refuses the whole command then, attributes included.
    if (assignment !== undefined && state.readonly && builtin !== 'export') continue;
    if (assignment !== undefined && !state.readonly) {
      const value = assignment.slice('TMOUT='.length).replace(/^(["'])(.*)\1$/, '$2');
      const { unclear: _before, ...rest } = state;
      state = /^\d+$/.test(value)
        ? { ...rest, seconds: Number(value), ...place }
        : value === ''
          ? { ...rest, seconds: undefined, ...place }
          : { ...rest, seconds: undefined, ...place, unclear: place };
    }
    const declares = builtin === 'declare' || builtin === 'typeset';
    if (builtin === 'readonly' || (declares && /-\w*r/.test(flags))) state = { ...state, readonly: true };
    if (builtin === 'export' && /n/.test(flags)) state = { ...state, exported: false };
    else if (builtin === 'export' || (declares && /-\w*x/.test(flags))) state = { ...state, exported: true };
  }
  return state;
}

/** The administrator's file, or the vendor's (SUSE, systems with an empty /etc). */
const PROFILES = ['/etc/profile', '/usr/etc/profile'];
/** What the profile sources is put in its place; each file once. */
export const shellTimeout = defineFact<ShellTimeout>({
  id: 'shell-timeout',
  collect: async (host): Promise<Fact<ShellTimeout>> => {
    for (const path of PROFILES) {
      const profile = await host.readText(path, { encoding: 'latin1' });
      if (profile.state === 'unreadable') return profile;
      if (profile.state === 'absent') continue;
      const lines = await expanded(host, profile.value.text, path, new Set([path]));
      return lines.state === 'known' ? known(timeoutOf(lines.value)) : lines;
    }
    return known(timeoutOf([]));
  },
});

async function expanded(
  host: Host,
  text: string,
  source: string,
  seen: Set<string>,
): Promise<Fact<StartLine[]> & { state: 'known' | 'unreadable' }> {
  const all: StartLine[] = [];
  for (const line of startLines(text, source)) {
    all.push(line);
    const directories = /^for\s/.test(line.text)
      ? [...line.text.matchAll(/(\/(?:usr\/)?etc\/profile\.d)\b/g)].map((match) => match[1] ?? '')
      : [];
    const file = /^(?:\.|source)\s+"?(\/[\w./-]+)"?$/.exec(line.text)?.[1];
    const paths: string[] = file === undefined ? [] : [file];
    for (const directory of new Set(directories)) {
      const names = await host.list(directory);
      if (names.state === 'unreadable') return names;
      if (names.state === 'known')
        paths.push(
          ...names.value.filter((name) => name.endsWith('.sh')).map((name) => `${directory}/${name}`),
        );
    }
    for (const path of paths) {
      if (seen.has(path) || seen.size > 500) continue;
      seen.add(path);
      const inner = await host.readText(path, { encoding: 'latin1' });
      if (inner.state === 'unreadable') return inner;
      if (inner.state !== 'known') continue;
      const lines = await expanded(host, inner.value.text, path, seen);
      if (lines.state === 'unreadable') return lines;
      if (lines.state === 'known') all.push(...lines.value);
    }
  }
  return { state: 'known', value: all };
}
