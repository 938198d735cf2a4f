/** What `cvtsudoers -f json` says and what the reader says, in one shape that can be compared. */
import type { Entry, Member } from '../../../checks/facts/sudoers-parse.ts';

type Json = Record<string, unknown>;

/** Members of either side: `alias:ADMINS`, `!group:staff`, `command:/bin/ls sha256:...`. */
export interface Shape {
  readonly aliases: Record<string, string[]>;
  readonly defaults: string[];
  readonly specs: string[];
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

/** cvtsudoers 1.9.13 forgets the braces around some strings in lists. */
export function parseCvtsudoers(text: string): Json {
  const mended = text.replace(
    /^(\s*)("(?:runcwd|runchroot|role|type|apparmor_profile)": "(?:[^"\\]|\\.)*")(,?)$/gm,
    '$1{ $2 }$3',
  );
  return JSON.parse(mended.trim() === '' ? '{}' : mended) as Json;
}

function member(one: Json): string {
  const { negated, ...rest } = one;
  const digests = Object.keys(rest).filter((key) => /^sha\d/.test(key));
  const key = Object.keys(rest).find((name) => !digests.includes(name)) ?? '';
  const kind = /alias$/.test(key) ? 'alias' : key === 'command' ? 'command' : 'name';
  const name = String(rest[key]);
  const marked =
    key === 'usergroup'
      ? `%${name}`
      : key === 'usergid'
        ? `%#${name}`
        : key === 'userid'
          ? `#${name}`
          : key === 'netgroup'
            ? `+${name}`.replace('++', '+')
            : key === 'nonunixgroup'
              ? `%:${name}`
              : name;
  const hashes = digests.map((digest) => `${digest}:${[rest[digest]].flat().join(' ')}`).join(' ');
  return `${negated === true ? '!' : ''}${kind}:${marked}${hashes === '' ? '' : ` ${hashes}`}`;
}

const OPTIONS: Readonly<Record<string, string>> = {
  authenticate: 'PASSWD',
  setenv: 'SETENV',
  noexec: 'EXEC',
  log_output: 'LOG_OUTPUT',
  log_input: 'LOG_INPUT',
  send_mail: 'MAIL',
  sudoedit_follow: 'FOLLOW',
  intercept: 'INTERCEPT',
  runcwd: 'CWD',
  runchroot: 'CHROOT',
  notbefore: 'NOTBEFORE',
  notafter: 'NOTAFTER',
  command_timeout: 'TIMEOUT',
};

function option(one: Json): string {
  const [key = '', value] = Object.entries(one)[0] ?? [];
  const name = OPTIONS[key] ?? key;
  return shown(name, name === 'EXEC' ? !value : value);
}

const shown = (name: string, value: unknown): string => `${name}=${value}`;

/**
 * cvtsudoers joins commands that differ only in these and shows one of them for all; ROLE and TYPE it shows only where
 * both are set, and `ALL` implies SETENV.
 */
const isShown = (text: string): boolean => !/^(?:TIMEOUT|NOTBEFORE|NOTAFTER|ROLE|TYPE|SETENV)=/.test(text);

export function shapeOfJson(json: Json): Shape {
  const aliases: Record<string, string[]> = {};
  for (const [kind, name] of [
    ['User_Aliases', 'user'],
    ['Runas_Aliases', 'runas'],
    ['Host_Aliases', 'host'],
    ['Command_Aliases', 'command'],
  ] as const)
    for (const [alias, members] of Object.entries((json[kind] ?? {}) as Json))
      aliases[`${name} ${alias}`] = list(members).map(member);
  const defaults = list(json.Defaults).flatMap(({ Binding, Options }) =>
    list(Options).map((one) => {
      const { operation, ...rest } = one;
      const [name = '', value] = Object.entries(rest)[0] ?? [];
      const mark = operation === 'list_add' ? '+=' : operation === 'list_remove' ? '-=' : '=';
      return `${list(Binding).map(member).join(',')} ${name}${mark}${Array.isArray(value) ? value.join(' ') : value}`;
    }),
  );
  const specs = list(json.User_Specs).flatMap(({ User_List, Host_List, Cmnd_Specs }) =>
    list(Cmnd_Specs).flatMap((spec) =>
      list(spec.Commands).map((command) =>
        [
          list(User_List).map(member).join(','),
          list(Host_List).map(member).join(','),
          list(spec.runasusers).map(member).join(','),
          list(spec.runasgroups)
            .map(member)
            .join(',')
            .replace(/name:%/g, 'name:'),
          list(spec.Options).map(option).filter(isShown).sort().join(' '),
          member(command),
        ].join(' | '),
      ),
    ),
  );
  return { aliases, defaults, specs };
}

function own({ type, name, negated, args, digests }: Member): string {
  const kind =
    type === 'alias' ? 'alias' : type === 'command' || (type === 'all' && digests) ? 'command' : 'name';
  const marked = type === 'netgroup' ? `+${name}`.replace('++', '+') : name;
  const words = args === undefined ? marked : `${marked} ${args === '' ? '""' : args}`;
  const hashes = Map.groupBy(digests ?? [], (digest) => digest.split(':')[0]);
  const shown = [...hashes].map(
    ([kindOf, all]) => `${kindOf}:${all.map((one) => one.slice(one.indexOf(':') + 1)).join(' ')}`,
  );
  return [`${negated ? '!' : ''}${kind}:${words}`, ...shown].join(' ');
}

const asCommand = (member: Member): string => own(member).replace(/^(!?)name:/, '$1command:');

const LISTS = ['env_keep', 'env_check', 'env_delete'];

export function shapeOfEntries(entries: readonly Entry[]): Shape {
  const aliases: Record<string, string[]> = {};
  const defaults: string[] = [];
  const specs: string[] = [];
  for (const entry of entries) {
    if (entry.kind === 'alias')
      aliases[`${entry.of} ${entry.name}`] ??= entry.members.map(entry.of === 'command' ? asCommand : own);
    if (entry.kind === 'defaults')
      for (const { binding, name, operator, value, scope } of entry.entries) {
        const mark = operator === 'add' ? '+=' : operator === 'remove' ? '-=' : '=';
        const text = value ?? String(operator !== 'unset');
        const bound = binding.map(scope === 'command' ? asCommand : own).join(',');
        defaults.push(
          `${bound} ${name}${mark}${LISTS.includes(name) ? text.trim().split(/\s+/).join(' ') : text}`,
        );
      }
    if (entry.kind === 'spec')
      for (const { hosts, commands } of entry.privileges)
        for (const { command, options, runasGroups, runasUsers, tags } of commands) {
          const all = { ...tags, ...options };
          specs.push(
            [
              entry.users.map(own).join(','),
              hosts.map(own).join(','),
              (runasUsers ?? []).map(own).join(','),
              (runasGroups ?? []).map(own).join(','),
              Object.entries(all)
                .map(([name, value]) => shown(name, value))
                .filter(isShown)
                .sort()
                .join(' '),
              asCommand(command),
            ].join(' | '),
          );
        }
  }
  return { aliases, defaults, specs };
}
