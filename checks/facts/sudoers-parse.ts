/**
 * The grammar of sudoers(5) over the tokens of one file. What sudo can't parse becomes an error with its line, and
 * reading goes on behind it, as sudo does since 1.9.3. Pure, never throws.
 * Longer than most files because a grammar is one piece.
 */
import { type SudoVersion, sudoSince } from './sudo-version.ts';
import { sudoersTokens, type Token, type TokenKind } from './sudoers-token.ts';

export type MemberType =
  | 'all'
  /** An alias, or a name in capitals where no such alias exists. */
  | 'alias'
  | 'word'
  | 'netgroup'
  | 'group'
  | 'address'
  | 'command'
  /** The invoking user: `()` and `(:group)`. */
  | 'self';

export interface Member {
  readonly type: MemberType;
  readonly name: string;
  readonly negated: boolean;
  /** Of a command, as written: undefined means any, two double quotes mean none. */
  readonly args?: string;
  /** Of a command: `sha256:...`; the file must have one of these. */
  readonly digests?: readonly string[];
}

export interface Tags {
  readonly [tag: string]: boolean;
}

export interface CommandSpec {
  readonly line: number;
  /** Undefined where nothing is said: then runas_default. */
  readonly runasUsers?: readonly Member[] | undefined;
  readonly runasGroups?: readonly Member[] | undefined;
  /** `PASSWD` true for PASSWD:, false for NOPASSWD:, and so on; what is not said is not there. */
  readonly tags: Tags;
  /** `CWD`, `ROLE`, `NOTAFTER` ... as written. */
  readonly options: Readonly<Record<string, string>>;
  readonly command: Member;
}

export interface Privilege {
  readonly hosts: readonly Member[];
  readonly commands: readonly CommandSpec[];
}

export type AliasKind = 'user' | 'runas' | 'host' | 'command';

export type DefaultsScope = 'all' | 'user' | 'host' | 'runas' | 'command';

export interface DefaultsEntry {
  readonly line: number;
  readonly scope: DefaultsScope;
  readonly binding: readonly Member[];
  readonly name: string;
  readonly operator: 'set' | 'unset' | 'add' | 'remove';
  readonly value?: string;
}

export type Entry =
  | {
      readonly kind: 'spec';
      readonly line: number;
      readonly users: readonly Member[];
      readonly privileges: readonly Privilege[];
    }
  | {
      readonly kind: 'alias';
      readonly line: number;
      readonly of: AliasKind;
      readonly name: string;
      readonly members: readonly Member[];
      readonly statement: number;
    }
  | { readonly kind: 'defaults'; readonly line: number; readonly entries: readonly DefaultsEntry[] }
  | { readonly kind: 'include'; readonly line: number; readonly directory: boolean; readonly path: string }
  | { readonly kind: 'error'; readonly line: number; readonly reason: string };

/** Thrown inside the parser at the token that does not fit; never leaves this file. */
class Unfit extends Error {
  readonly token: Token;

  constructor(token: Token, reason: string) {
    super(reason);
    this.token = token;
  }
}

const END: Token = { kind: 'newline', text: '', line: 0 };
const ALIAS_KINDS: Readonly<Record<string, AliasKind>> = { U: 'user', R: 'runas', H: 'host', C: 'command' };
const SCOPES: Readonly<Record<string, DefaultsScope>> = {
  ':': 'user',
  '>': 'runas',
  '@': 'host',
  '!': 'command',
};
const TAG_PROPAGATED = ['PASSWD', 'EXEC', 'INTERCEPT', 'SETENV', 'LOG_INPUT', 'LOG_OUTPUT', 'MAIL', 'FOLLOW'];
/** What passes from one command to the next in a list: gram.y; TYPE and ROLE together. */
const OPTIONS_PROPAGATED = ['CWD', 'CHROOT', 'NOTBEFORE', 'NOTAFTER', 'TIMEOUT'];

class Parser {
  readonly entries: Entry[] = [];
  readonly #tokens: readonly Token[];
  readonly #version: SudoVersion;
  #at = 0;

  constructor(tokens: readonly Token[], version: SudoVersion) {
    this.#tokens = tokens;
    this.#version = version;
  }

  run(): readonly Entry[] {
    while (this.#at < this.#tokens.length) {
      const first = this.#peek();
      try {
        this.#entry(first);
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        this.#wrong(error);
        while (this.#at < this.#tokens.length && this.#take().kind !== 'newline');
      }
    }
    return this.entries;
  }

  #wrong({ token, message }: Unfit): void {
    this.entries.push({ kind: 'error', line: Math.max(token.line, 1), reason: message });
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? END;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #is(text: string): boolean {
    const { kind, text: found } = this.#peek();
    return kind === 'punctuation' && found === text;
  }

  #skip(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at += 1;
    return true;
  }

  #unfit(reason = 'syntax error'): Unfit {
    const token = this.#peek();
    return new Unfit(token, token.kind === 'error' ? token.text : reason);
  }

  #expect(kind: TokenKind): Token {
    if (this.#peek().kind !== kind) throw this.#unfit();
    return this.#take();
  }

  #expectMark(text: string): void {
    if (!this.#skip(text)) throw this.#unfit();
  }

  #entry(first: Token): void {
    switch (first.kind) {
      case 'newline':
        this.#take();
        return;
      case 'include':
      case 'includedir':
        this.#include();
        return;
      case 'defaults':
        this.#defaults();
        return;
      case 'alias-kind':
        this.#aliases();
        return;
      default:
        this.#spec();
    }
  }

  /** What follows the name is an error, and the file is read all the same. */
  #include(): void {
    const { kind, line } = this.#take();
    const path = this.#expect('word').text;
    const extra = this.#peek().kind === 'newline' ? undefined : this.#unfit();
    while (this.#at < this.#tokens.length && this.#take().kind !== 'newline');
    if (extra) this.#wrong(extra);
    this.entries.push({ kind: 'include', line, directory: kind === 'includedir', path });
  }

  #defaults(): void {
    const { text, line } = this.#take();
    const scope = SCOPES[text] ?? 'all';
    const binding =
      scope === 'all'
        ? []
        : scope === 'host'
          ? this.#list(() => this.#host())
          : scope === 'command'
            ? this.#list(() => this.#command(true))
            : this.#list(() => this.#user());
    const entries = [this.#setting(scope, binding)];
    while (this.#skip(',')) entries.push(this.#setting(scope, binding));
    this.#expect('newline');
    this.entries.push({ kind: 'defaults', line, entries });
  }

  #setting(scope: DefaultsScope, binding: readonly Member[]): DefaultsEntry {
    const negated = this.#skip('!');
    const { text: name, line } = this.#expect('variable');
    const base = { line, scope, binding, name };
    if (negated) return { ...base, operator: 'unset' };
    for (const [mark, operator] of [
      ['=', 'set'],
      ['+=', 'add'],
      ['-=', 'remove'],
    ] as const)
      if (this.#skip(mark)) return { ...base, operator, value: this.#expect('word').text };
    return { ...base, operator: 'set' };
  }

  #aliases(): void {
    const statement = this.#at;
    const of = ALIAS_KINDS[this.#take().text] ?? 'user';
    do {
      const name = this.#peek();
      if (name.kind === 'all' || name.kind === 'option')
        throw this.#unfit(`reserved word ${name.text} used as an alias name`);
      this.#expect('alias');
      this.#expectMark('=');
      const members =
        of === 'host'
          ? this.#list(() => this.#host())
          : of === 'command'
            ? this.#list(() => this.#command(true))
            : this.#list(() => this.#user());
      // An alias counts at once, even if the rest of the line is wrong.
      this.entries.push({ kind: 'alias', line: name.line, of, name: name.text, members, statement });
    } while (this.#skip(':'));
    this.#expect('newline');
  }

  #spec(): void {
    const { line } = this.#peek();
    const users = this.#list(() => this.#user());
    const privileges = [this.#privilege()];
    while (this.#skip(':')) {
      try {
        privileges.push(this.#privilege());
      } catch (error) {
        // What came before the wrong part stays where the parser can go on at the very next mark.
        if (!(error instanceof Unfit) || !(this.#is(':') || this.#peek().kind === 'newline')) throw error;
        this.#wrong(error);
      }
    }
    this.#expect('newline');
    this.entries.push({ kind: 'spec', line, users, privileges });
  }

  #privilege(): Privilege {
    const hosts = this.#list(() => this.#host());
    this.#expectMark('=');
    const commands: CommandSpec[] = [];
    do commands.push(this.#commandSpec(commands.at(-1)));
    while (this.#skip(','));
    // The list ends where the next part or the line does: anything else belongs to no rule.
    if (!this.#is(':') && this.#peek().kind !== 'newline') throw this.#unfit();
    return { hosts, commands };
  }

  #commandSpec(before: CommandSpec | undefined): CommandSpec {
    const { line } = this.#peek();
    let runas: Pick<CommandSpec, 'runasUsers' | 'runasGroups'> = {};
    if (this.#skip('(')) runas = this.#runas();
    const options: Record<string, string> = {};
    while (this.#peek().kind === 'option') {
      const name = this.#take().text;
      this.#expectMark('=');
      const value = this.#expect('word').text;
      this.#checkOption(name, value);
      options[name] = value;
    }
    const tags: Record<string, boolean> = {};
    while (this.#peek().kind === 'tag') {
      const name = this.#take().text;
      const plain = name.startsWith('NO') ? name.slice(2) : name;
      tags[plain] = !name.startsWith('NO');
    }
    const command = this.#command(true);
    // `ALL` allows SETENV by itself; that is not passed on.
    const own = Object.keys(runas).length > 0 || before === undefined ? runas : pick(before);
    return {
      line,
      ...own,
      tags: { ...inherited(before?.tags, TAG_PROPAGATED), ...tags },
      options: { ...inheritedOptions(before?.options, options), ...options },
      command,
    };
  }

  #checkOption(name: string, value: string): void {
    const path = name === 'CWD' || name === 'CHROOT';
    if (path && value !== '*' && !/^[/~]/.test(value)) throw this.#unfit(`${name} must start with / or ~`);
    if (name.startsWith('NOT') && parseGeneralisedTime(value) === undefined)
      throw this.#unfit(`invalid ${name.toLowerCase()} value`);
    if (name === 'TIMEOUT' && !/^(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s?)?$/i.test(value))
      throw this.#unfit('invalid timeout value');
  }

  #runas(): Pick<CommandSpec, 'runasUsers' | 'runasGroups'> {
    const self: Member = { type: 'self', name: '', negated: false };
    if (this.#skip(')')) return { runasUsers: [self] };
    const runasUsers = this.#is(':') ? undefined : this.#list(() => this.#user());
    if (!this.#skip(':')) {
      this.#expectMark(')');
      return { runasUsers };
    }
    if (runasUsers === undefined && this.#skip(')')) return { runasUsers: [self] };
    const runasGroups = this.#list(() => this.#group());
    this.#expectMark(')');
    return { ...(runasUsers ? { runasUsers } : {}), runasGroups };
  }

  #list(member: () => Member): Member[] {
    const members = [member()];
    while (this.#skip(',')) members.push(member());
    return members;
  }

  #member(kinds: readonly MemberType[]): Member {
    const negated = this.#skip('!');
    const { kind, text } = this.#peek();
    const type = kinds.find((one) => one === kind);
    if (!type) throw this.#unfit();
    this.#take();
    return { type, name: text, negated };
  }

  #user(): Member {
    return this.#member(['alias', 'all', 'netgroup', 'group', 'word']);
  }

  #host(): Member {
    return this.#member(['alias', 'all', 'netgroup', 'address', 'word']);
  }

  #group(): Member {
    return this.#member(['alias', 'all', 'word']);
  }

  #command(digestsAllowed: boolean): Member {
    const digests: string[] = [];
    while (digestsAllowed && this.#peek().kind === 'sha') {
      const name = this.#take().text;
      this.#expectMark(':');
      digests.push(`${name}:${this.#expect('digest').text}`);
      // More digests may follow, separated by commas; a comma after the last one is an error.
      if (this.#is(',')) {
        this.#take();
        if (this.#peek().kind !== 'sha') throw this.#unfit();
      }
    }
    const negated = this.#skip('!');
    const { kind, text, args } = this.#peek();
    const base = { negated, ...(digests.length > 0 ? { digests } : {}) };
    if (kind === 'all') {
      this.#take();
      return { type: 'all', name: 'ALL', ...base };
    }
    if (kind === 'alias' && digests.length === 0) {
      this.#take();
      return { type: 'alias', name: text, ...base };
    }
    if (kind === 'command') {
      this.#take();
      return { type: 'command', name: text, ...base, ...(args === undefined ? {} : { args }) };
    }
    if (kind === 'word' && text === 'list' && sudoSince(this.#version, '1.9.13')) {
      this.#take();
      return { type: 'command', name: text, ...base };
    }
    throw this.#unfit(kind === 'word' ? 'expected a fully-qualified path name' : 'syntax error');
  }
}

const pick = ({ runasUsers, runasGroups }: CommandSpec): Pick<CommandSpec, 'runasUsers' | 'runasGroups'> => ({
  ...(runasUsers ? { runasUsers } : {}),
  ...(runasGroups ? { runasGroups } : {}),
});

const inherited = (tags: Tags | undefined, names: readonly string[]): Record<string, boolean> =>
  Object.fromEntries(Object.entries(tags ?? {}).filter(([name]) => names.includes(name)));

function inheritedOptions(
  before: Readonly<Record<string, string>> | undefined,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const domain = own.ROLE === undefined && own.TYPE === undefined ? ['ROLE', 'TYPE'] : [];
  const names = [...OPTIONS_PROPAGATED, ...domain];
  return Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => names.includes(name)));
}

/** RFC 4517 generalized time as sudo reads it, in milliseconds of UTC; without a zone it is taken as UTC here. */
export function parseGeneralisedTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d))?(Z|[+-]\d\d(?:\d\d)?)?$/.exec(text);
  if (!match) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const unit = match[6] !== undefined ? 0 : match[5] !== undefined ? 6_000 : 360_000;
  const zone = /^([+-])(\d\d)(\d\d)?$/.exec(match[8] ?? '');
  const offset = zone ? (Number(zone[2]) * 60 + Number(zone[3] ?? 0)) * (zone[1] === '-' ? -1 : 1) : 0;
  return (
    Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6)) + part(7) * unit - offset * 60_000
  );
}

/** The entries of one file in order. */
export function parseSudoers(text: string, version: SudoVersion): readonly Entry[] {
  return new Parser(sudoersTokens(text, version), version).run();
}
