/** The rules of doas(1), the other way to run a command as somebody else: doas.conf(5) as opendoas reads it. */
import type { Text } from '../../shared/outcome.ts';
import { absent, defineFact, type Fact, known } from '../fact.ts';
import type { GroupFile } from './group.ts';
import { byName } from './login-shell.ts';
import type { PasswdFile } from './passwd.ts';
import type { SudoPrivilege } from './sudo-privileges.ts';

export interface DoasRule {
  readonly line: number;
  readonly permit: boolean;
  readonly nopass: boolean;
  /** An account's name or number, or a group's behind `:`. */
  readonly identity: string;
  /** Undefined: every account. */
  readonly target: string | undefined;
  readonly command: string | undefined;
  /** Undefined: any. */
  readonly args: readonly string[] | undefined;
}

export interface Doas {
  readonly source: string;
  readonly rules: readonly DoasRule[];
  /** Lines that are no rules: doas then refuses everything, as far as this reader is right. */
  readonly malformed: readonly number[];
  /** Why doas refuses its file as a whole. */
  readonly refused?: Text;
}

const PLACES = [
  { program: '/usr/bin/doas', files: ['/etc/doas.conf'] },
  { program: '/usr/local/bin/doas', files: ['/usr/local/etc/doas.conf', '/etc/doas.conf'] },
] as const;

/** Absent where it is not installed, or has no rules. */
export const doas = defineFact<Doas>({
  id: 'doas',
  collect: async (host): Promise<Fact<Doas>> => {
    for (const { program, files } of PLACES) {
      const there = await host.stat(program);
      if (there.state === 'unreadable') return there;
      // Without setuid it makes nobody root.
      if (there.state === 'absent' || there.value.uid !== 0 || (there.value.mode & 0o4000) === 0) continue;
      for (const path of files) {
        const file = await host.readText(path, { encoding: 'latin1' });
        if (file.state === 'unreadable') return file;
        if (file.state === 'absent') continue;
        const { uid, mode } = file.value.stat;
        const refused = uid !== 0 || (mode & 0o022) !== 0;
        return known({
          source: path,
          ...parseDoas(file.value.text),
          ...(refused ? { refused: NOT_ROOTS } : {}),
        });
      }
    }
    return absent('/etc/doas.conf');
  },
});

const NOT_ROOTS: Text = {
  en: 'doas ignores its rules: not only root can write them',
  de: 'doas übergeht seine Regeln: nicht nur root kann sie schreiben',
};

interface Word {
  readonly text: string;
  readonly line: number;
  /** Quoted or escaped: never a keyword. */
  readonly plain: boolean;
}

/** Pure, never throws. */
export function parseDoas(text: string): Pick<Doas, 'rules' | 'malformed'> {
  const rules: DoasRule[] = [];
  const malformed: number[] = [];
  for (const words of logicalLines(text)) {
    const rule = ruleOf(words);
    if (rule) rules.push(rule);
    else malformed.push(words[0]?.line ?? 0);
  }
  return { rules, malformed };
}

/** Words of each rule. Braces are words of their own; a backslash takes the line end with it, a comment does not. */
function logicalLines(text: string): readonly (readonly Word[])[] {
  const lines: Word[][] = [];
  let words: Word[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '\n') {
      if (words.length > 0) lines.push(words);
      words = [];
      line += 1;
      at += 1;
    } else if (char === ' ' || char === '\t') at += 1;
    else if (char === '#') while (at < text.length && text.charAt(at) !== '\n') at += 1;
    else if (char === '{' || char === '}') {
      words.push({ text: char, line, plain: true });
      at += 1;
    } else {
      const started = line;
      let word = '';
      let plain = true;
      let quoted = false;
      for (; at < text.length; at += 1) {
        const next = text.charAt(at);
        if (next === '\\') {
          at += 1;
          if (text.charAt(at) === '\n') line += 1;
          else word += text.charAt(at);
          plain = false;
        } else if (next === '"') {
          quoted = !quoted;
          plain = false;
        } else if (next === '\n' || (!quoted && /[{}# \t]/.test(next))) break;
        else {
          word += next;
        }
      }
      // A line end that is escaped and stands alone is an empty word.
      words.push({ text: word, line: started, plain });
    }
  }
  if (words.length > 0) lines.push(words);
  return lines;
}

const OPTIONS = ['nopass', 'nolog', 'persist', 'keepenv'];

function ruleOf(words: readonly Word[]): DoasRule | undefined {
  let at = 0;
  const keyword = (): string => (words[at]?.plain ? (words[at]?.text ?? '') : '');
  const permit = keyword() === 'permit';
  if (!permit && keyword() !== 'deny') return undefined;
  at += 1;
  let nopass = false;
  for (; permit && (OPTIONS.includes(keyword()) || keyword() === 'setenv'); at += 1) {
    if (keyword() === 'nopass') nopass = true;
    if (keyword() !== 'setenv') continue;
    const end = words.findIndex((word, index) => index > at && word.plain && word.text === '}');
    if (end < 0) return undefined;
    at = end;
  }
  const identity = words[at]?.text;
  if (identity === undefined || (words[at]?.plain && /^(?:as|cmd|args|[{}])$/.test(identity)))
    return undefined;
  at += 1;
  let target: string | undefined;
  let command: string | undefined;
  let args: readonly string[] | undefined;
  if (keyword() === 'as') {
    target = words[at + 1]?.text;
    if (target === undefined) return undefined;
    at += 2;
  }
  if (keyword() === 'cmd') {
    command = words[at + 1]?.text;
    if (command === undefined) return undefined;
    at += 2;
    if (keyword() === 'args') {
      args = words.slice(at + 1).map(({ text }) => text);
      at = words.length;
    }
  }
  return at === words.length
    ? { line: words[0]?.line ?? 0, permit, nopass, identity, target, command, args }
    : undefined;
}

/** As sudo writes it: `""` where no argument may be given. */
function commandText({ command, args }: DoasRule): string {
  if (command === undefined) return 'ALL';
  return [command, ...(args?.length === 0 ? ['""'] : (args ?? []))].join(' ');
}

/** Whether `later` fits whatever `earlier` fits, for an account that both are for. */
function hides(later: DoasRule, earlier: DoasRule): boolean {
  if (later.target !== undefined && later.target !== earlier.target) return false;
  if (later.command === undefined) return true;
  if (later.command !== earlier.command) return false;
  return later.args === undefined || JSON.stringify(later.args) === JSON.stringify(earlier.args);
}

/** Pure. What doas lets accounts but root do, in the words of sudo: the last rule that fits counts. */
export function doasPrivileges(
  { source, rules, refused }: Doas,
  passwd: PasswdFile,
  group: GroupFile,
): readonly SudoPrivilege[] {
  if (refused) return [];
  const accounts = byName(passwd.entries).filter(({ uid }) => uid !== 0);
  return rules.flatMap((rule, index): SudoPrivilege[] => {
    if (!rule.permit) return [];
    const users = accounts
      .filter((account) => {
        const fits = ({ identity }: DoasRule): boolean => {
          if (!identity.startsWith(':')) return identity === account.name || identity === String(account.uid);
          const named = identity.slice(1);
          return group.entries.some(
            ({ name, gid, members }) =>
              (name === named || String(gid) === named) &&
              (account.gid === gid || members.includes(account.name)),
          );
        };
        return fits(rule) && !rules.slice(index + 1).some((later) => fits(later) && hides(later, rule));
      })
      .map(({ name }) => name)
      .sort();
    if (users.length === 0) return [];
    const byId = passwd.entries.find(({ uid }) => String(uid) === rule.target)?.name;
    return [
      {
        users,
        runas: [rule.target === undefined ? 'ALL' : (byId ?? rule.target)],
        command: commandText(rule),
        proof: rule.nopass ? 'none' : 'own',
        needsPassword: !rule.nopass,
        because: rule.nopass ? 'nopass' : '',
        certain: true,
        source,
        line: rule.line,
      },
    ];
  });
}
