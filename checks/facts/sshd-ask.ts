/** Asking the installed sshd itself: `sshd -T -C`, sshd(8). */
import type { Text } from '../../shared/outcome.ts';
import { sshdEffective, sshdParsed } from '../commands.ts';
import type { CommandOutput, Host } from '../host.ts';
import type { SshdArguments } from './sshd-arguments.ts';
import { parseDump } from './sshd-dump.ts';
import type { SshdLogin } from './sshd-logins.ts';
import { type SshdVersion, since } from './sshd-version.ts';

export type SshdAnswer =
  | {
      readonly state: 'answered';
      /** The command that was asked. */
      readonly source: string;
      readonly values: ReadonlyMap<string, readonly string[]>;
    }
  /** sshd does not start with this configuration: syntax or value. */
  | { readonly state: 'refused'; readonly source: string; readonly words: string }
  /** sshd did not get as far as the configuration, or did not answer. */
  | {
      readonly state: 'not asked';
      readonly source: string;
      readonly reason: Text;
      /** The same for every login. */
      readonly always: boolean;
    }
  /** A login that nobody has at present, so that sshd can't be asked about it. */
  | { readonly state: 'nobody' };

/** What has nothing to do with the configuration: host keys, the privilege separation directory or user, rights. */
const SURROUNDINGS =
  /no hostkeys available|privilege separation (?:directory|user)|must be owned by root and not group or world-writable|permission denied|operation not permitted/i;
/** Words of a configuration that sshd does not take. */
const REFUSAL =
  /no such file or directory|set without|cannot be satisfied|too many recursive|invalid match|unsupported|not supported|invalid quotes|bad addr/i;

/** Why sshd ended with an error, by its last words. Pure. */
export function classifyRefusal(stderr: string): 'configuration' | 'surroundings' | 'other' {
  const words = wordsOf(stderr);
  if (/line \d+|bad configuration option/i.test(words)) return 'configuration';
  if (SURROUNDINGS.test(words)) return 'surroundings';
  return REFUSAL.test(words) ? 'configuration' : 'other';
}

/** The last words that are no remark on a deprecated option. Pure. */
export function wordsOf(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== '');
  const telling = lines.filter(
    (line) => !/(?:Deprecated|Unsupported) option|terminating, \d+ bad/.test(line),
  );
  return (telling.at(-1) ?? lines.at(-1) ?? 'no words').trim();
}

/** `-C` of the login: what no Match line looks at is left out, beyond the three that sshd always wants. */
export function connectionOf({ principal, looksAt }: SshdLogin): string {
  const { user, host, addr, laddr, lport, rdomain } = principal;
  const more = [
    looksAt.includes('localaddress') ? `,laddr=${laddr}` : '',
    looksAt.includes('localport') ? `,lport=${lport}` : '',
    looksAt.includes('rdomain') ? `,rdomain=${rdomain}` : '',
  ];
  return `user=${user},host=${host},addr=${addr}${more.join('')}`;
}

/** The arguments of `sshd -T` for this server and login. */
export const askedWith = (
  { file, options, hostKeys }: SshdArguments,
  login: SshdLogin,
): readonly string[] => [
  ...(file === undefined ? [] : ['-f', file]),
  ...hostKeys.flatMap((path) => ['-h', path]),
  ...options.flatMap((option) => ['-o', option]),
  '-C',
  connectionOf(login),
];

/** Asks about one login. */
export async function ask(
  host: Host,
  version: SshdVersion,
  server: SshdArguments,
  login: SshdLogin,
): Promise<SshdAnswer> {
  if (login.account === 'group') return { state: 'nobody' };
  const args = askedWith(server, login);
  const source = `sshd -T ${args.join(' ')}`;
  if (/[^\x21-\x7e]|,/.test(login.principal.user)) {
    const name = {
      en: 'an account name that sshd -C does not take',
      de: 'ein Kontoname, den sshd -C nicht nimmt',
    };
    return { state: 'not asked', source, reason: name, always: false };
  }
  const first = interpret(await host.run(sshdEffective, args), source);
  // -G asks for the configuration alone: no host keys, no directory, no rights but to read the files.
  if (first.state !== 'not asked' || !since(version, '9.3')) return first;
  const second = interpret(await host.run(sshdParsed, args), `sshd -G ${args.join(' ')}`);
  return second.state === 'not asked' ? first : second;
}

function interpret(output: Awaited<ReturnType<Host['run']>>, source: string): SshdAnswer {
  if (output.state === 'unreadable')
    return { state: 'not asked', source, reason: output.reason, always: true };
  if (output.state === 'absent') {
    const reason = {
      en: `${output.source} can not be run`,
      de: `${output.source} lässt sich nicht ausführen`,
    };
    return { state: 'not asked', source, reason, always: true };
  }
  const { status, stdout, stderr }: CommandOutput = output.value;
  if (status === 0) return { state: 'answered', source, values: parseDump(stdout) };
  const words = wordsOf(stderr);
  if (classifyRefusal(stderr) === 'configuration') return { state: 'refused', source, words };
  const reason = { en: `sshd -T does not answer: ${words}`, de: `sshd -T antwortet nicht: ${words}` };
  return { state: 'not asked', source, reason, always: true };
}
