/** How sudo runs commands: in a terminal of their own, logged where, and for how long it does not ask again. Pure. */

import type { Sudo } from './sudo.ts';
import { flagOf, textOf } from './sudo-defaults.ts';
import { type MatchContext, matchHost } from './sudo-match.ts';
import type { PlacedDefaults, SudoPolicy } from './sudo-policy.ts';
import { sudoSince } from './sudo-version.ts';

/** A value and the line that set it; none where it is sudo's own default. */
export interface Setting<T> {
  readonly value: T;
  readonly by: PlacedDefaults | undefined;
}

/** What holds for everybody (`binding` empty), or for those that one binding names. */
export interface SessionView {
  readonly binding: string;
  readonly pty: Setting<boolean>;
  /** Minutes; negative: asked once, never again until the next boot. */
  readonly timeout: Setting<number>;
  readonly logfile: Setting<string | null>;
  readonly syslog: Setting<boolean>;
  /** Whether allowed commands are logged at all. */
  readonly logsAllowed: Setting<boolean>;
  /** Recording of what commands read or write, or a log server. */
  readonly recorded: Setting<boolean>;
}

const NAMES: ReadonlySet<string> = new Set([
  'use_pty',
  'timestamp_timeout',
  'logfile',
  'syslog',
  'log_allowed',
  'log_output',
  'log_input',
  'log_servers',
]);

/** `15`, `2.5`, `.5`, `-1`; anything else is wrong and sudo goes on without it. */
export function parseMinutes(text: string): number | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match || text.length > 20) return undefined;
  const minutes = Number(match[2] || 0) + Number(`0.${match[3] || 0}`);
  return match[1] === '-' ? -minutes : minutes;
}

const minutesOf = (entry: PlacedDefaults): number | undefined => {
  const text = textOf(entry);
  return text === null ? 0 : text === undefined ? undefined : parseMinutes(text);
};

const pathOf = (entry: PlacedDefaults): string | null | undefined => {
  const text = textOf(entry);
  return text === null || text === undefined || text.startsWith('/') ? text : undefined;
};

const syslogOf = (entry: PlacedDefaults): boolean | undefined =>
  entry.operator === 'unset' ? false : entry.operator === 'set' ? true : undefined;

const listOf = ({ operator, value }: PlacedDefaults): boolean | undefined =>
  operator === 'unset' ? false : value === undefined || operator === 'remove' ? undefined : value !== '';

/**
 * @param builtTimeout minutes that this sudo was built with: 15 on Debian and its relatives, 5 elsewhere
 * @returns first what holds for everybody, then one view for each binding that changes something
 */
export function sessionViews(sudo: Sudo, builtTimeout: number): readonly SessionView[] {
  const { policy, hostNames } = sudo;
  const context: MatchContext = { policy, hostNames, groupPlugin: false, spend: () => undefined };
  const relevant = policy.defaults.filter(({ name }) => NAMES.has(name));
  const bindings = new Map<string, PlacedDefaults[]>();
  for (const entry of relevant) {
    if (entry.scope === 'all') continue;
    if (entry.scope === 'host' && !['allow', 'maybe'].includes(matchHost(context, entry.binding))) continue;
    const key = bindingText(entry);
    const before = bindings.get(key);
    if (before) before.push(entry);
    else bindings.set(key, [entry]);
  }
  const general = relevant.filter(({ scope }) => scope === 'all');
  return [
    view(sudo, '', general, builtTimeout),
    ...[...bindings].slice(0, 200).map(([binding, own]) =>
      // Defaults of commands come after all others, whatever their place.
      view(
        sudo,
        binding,
        own[0]?.scope === 'command'
          ? [...general, ...own]
          : relevant.filter((entry) => entry.scope === 'all' || own.includes(entry)),
        builtTimeout,
      ),
    ),
  ];
}

/** `:alice,%admins`, as people write it. */
function bindingText({ scope, binding }: PlacedDefaults): string {
  const mark = { all: '', user: ':', host: '@', runas: '>', command: '!' }[scope];
  const members = binding.map(({ name, negated, args }) =>
    [negated ? `!${name}` : name, ...(args ? [args] : [])].join(' '),
  );
  return `${mark}${members.join(',')}`.slice(0, 120);
}

function view(
  sudo: Sudo,
  binding: string,
  entries: readonly PlacedDefaults[],
  builtTimeout: number,
): SessionView {
  const last = <T>(name: string, built: T, read: (entry: PlacedDefaults) => T | undefined): Setting<T> => {
    let found: Setting<T> = { value: built, by: undefined };
    for (const entry of entries) {
      const value = entry.name === name ? read(entry) : undefined;
      if (value !== undefined) found = { value, by: entry };
    }
    return found;
  };
  const recorded = [
    last('log_output', false, flagOf),
    last('log_input', false, flagOf),
    last('log_servers', false, listOf),
  ];
  const recording = recorded.slice(0, 2).find(({ value }) => value);
  const pty = last('use_pty', sudoSince(sudo.version, '1.9.14'), flagOf);
  return {
    binding,
    // Recording needs a terminal of its own, so there is one.
    pty: pty.value || !recording ? pty : recording,
    timeout: last('timestamp_timeout', builtTimeout, minutesOf),
    logfile: last<string | null>('logfile', null, pathOf),
    syslog: last('syslog', true, syslogOf),
    logsAllowed: last('log_allowed', true, flagOf),
    recorded: recorded.find(({ value }) => value) ??
      recorded.find(({ by }) => by !== undefined) ?? { value: tagged(sudo.policy, true), by: undefined },
  };
}

/** Whether every rule that allows something records it (LOG_OUTPUT or LOG_INPUT). */
function tagged(policy: SudoPolicy, wanted: boolean): boolean {
  const specs = policy.specs.flatMap(({ privileges }) => privileges.flatMap(({ commands }) => commands));
  const allowing = specs.filter(({ command }) => !command.negated);
  return (
    allowing.length > 0 &&
    allowing.every(({ tags }) => tags.LOG_OUTPUT === wanted || tags.LOG_INPUT === wanted)
  );
}

/** Rules whose commands are not recorded although recording is on: NOLOG_OUTPUT, NOLOG_INPUT. */
export function unrecordedRules(policy: SudoPolicy): readonly { source: string; line: number }[] {
  return policy.specs.flatMap(({ source, privileges }) =>
    privileges.flatMap(({ commands }) =>
      commands
        .filter(
          ({ command, tags }) => !command.negated && (tags.LOG_OUTPUT === false || tags.LOG_INPUT === false),
        )
        .map(({ line }) => ({ source, line })),
    ),
  );
}
