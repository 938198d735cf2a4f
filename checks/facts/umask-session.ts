/**
 * The umask that PAM hands to a session: pam_umask(8), modules/pam_umask/pam_umask.c. For accounts with a group of their
 * own name it may open the group's bits (022 becomes 002), and a person's comment field overrules all. Pure.
 */
import type { Text } from '../../shared/outcome.ts';
import type { GroupFile } from './group.ts';
import type { LoginDefs } from './login-defs.ts';
import { byName, hasLoginShell } from './login-shell.ts';
import type { OsRelease } from './os-release.ts';
import { type PamConfiguration, pamModules, pamStack } from './pam.ts';
import type { PamModuleLine } from './pam-line.ts';
import { PASSWD, type PasswdEntry, type PasswdFile } from './passwd.ts';
import { runStack } from './stack-run.ts';
import type { UmaskValue } from './umask.ts';

export interface UmaskGiven {
  readonly defs: LoginDefs | undefined;
  /** /etc/default/login, which is asked where login.defs says nothing. */
  readonly fallback: LoginDefs | undefined;
  readonly system: OsRelease | undefined;
  readonly accounts: PasswdFile;
  readonly groups: GroupFile;
}

/** What systemd and the kernel's first process start with. */
const DEFAULT = 0o022;
/** su(1) hands down its caller's umask where PAM sets none. */
const SERVICES = ['sshd', 'login', 'su-l'] as const;

/** As strtol(3) to base 8: what stands behind the digits is nothing to it. Undefined: no digits at all. */
export function leadingOctal(text: string): number | undefined {
  const match = /^\s*([+-]?)(?:0[xX](?![0-7])|)([0-7]+)/.exec(text);
  if (!match?.[2]) return undefined;
  const bits = Number.parseInt(match[2].slice(-9), 8);
  return (match[1] === '-' ? -bits : bits) & 0o777;
}

const isUmask = ({ module }: PamModuleLine): boolean => /^pam_umask(?:\.so)?$/.test(module);

/** The lines of pam_umask that may be the last to run in a session that opens; undefined among them: none runs. */
function lastLines(configuration: PamConfiguration, service: string): Set<PamModuleLine | undefined> {
  const entries = pamStack(configuration, service, 'session');
  const others = pamModules(entries).filter((line) => !isUmask(line));
  const found = new Set<PamModuleLine | undefined>();
  const run = (failing: (line: PamModuleLine) => boolean) => {
    const { success, called } = runStack(entries, (line) => {
      if (isUmask(line) || /^pam_permit(?:\.so)?$/.test(line.module)) return 'success';
      return /^pam_deny(?:\.so)?$/.test(line.module) || failing(line) ? 'auth_err' : 'success';
    });
    if (success) found.add(called.findLast(isUmask));
  };
  run(() => false);
  run(() => true);
  for (const one of others) run((line) => line === one);
  for (const one of others) run((line) => line !== one);
  return found;
}

/** Whether the group's bits follow the owner's; undefined: how the module was built decides, and that is not known. */
function usergroups(args: readonly string[], system: OsRelease | undefined): boolean | undefined {
  const said = args.findLast((arg) => /^(?:no)?usergroups$/i.test(arg));
  if (said) return !/^no/i.test(said);
  const version = system?.id === 'debian' ? Number.parseInt(system.version, 10) : Number.NaN;
  // Debian builds it with usergroups from 13 on; USERGROUPS_ENAB of login.defs is not asked there.
  return Number.isNaN(version) ? undefined : version >= 13;
}

/** One line of pam_umask: for everybody, for those with a group of their own, for those whose comment field says so. */
function byLine(line: PamModuleLine, given: UmaskGiven): UmaskValue[] {
  const place = { source: line.file, line: line.line };
  const argument = line.args.findLast((arg) => /^umask=/i.test(arg))?.slice('umask='.length);
  const set = given.defs?.pam.get('UMASK') ?? given.fallback?.pam.get('UMASK');
  const text = argument ?? set?.value;
  const mask = (text === undefined ? undefined : leadingOctal(text)) ?? DEFAULT;
  const origin = argument === undefined && set ? { source: set.source, line: set.line } : place;
  const values: UmaskValue[] = [{ ...origin, mask, always: true }];

  const people = byName(given.accounts.entries).filter(hasLoginShell);
  const told = people.filter(({ umask }) => umask !== undefined);
  for (const { name, line: at, umask = '' } of told)
    values.push({
      source: PASSWD,
      line: at,
      mask: leadingOctal(umask) ?? 0,
      always: true,
      whose: { en: `${name}, comment field`, de: `${name}, Kommentarfeld` },
    });

  const open = (mask & ~0o070) | ((mask >> 3) & 0o070);
  const follows = usergroups(line.args, given.system);
  const own = people.filter((entry) => !told.includes(entry) && hasOwnGroup(entry, given.groups));
  if (own.length > 0 && follows !== false && open !== mask)
    values.push({
      ...place,
      mask: follows ? open : undefined,
      always: true,
      whose: ownGroups(own),
    });
  return values;
}

const hasOwnGroup = ({ uid, gid, name }: PasswdEntry, groups: GroupFile): boolean =>
  uid !== 0 && uid === gid && groups.entries.find((group) => group.gid === gid)?.name === name;

function ownGroups(own: readonly PasswdEntry[]): Text {
  const names = own.map(({ name }) => name);
  const list = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
  return { en: `usergroups: ${list}`, de: `usergroups: ${list}` };
}

/** With what a session starts, by all services through which somebody logs in. */
export function sessionUmasks(
  configuration: PamConfiguration | undefined,
  given: UmaskGiven,
): readonly UmaskValue[] {
  const plain: UmaskValue = { source: 'systemd', mask: DEFAULT, always: true };
  const services = SERVICES.filter((service) => configuration?.files.has(service));
  const values = services.flatMap((service) =>
    configuration
      ? [...lastLines(configuration, service)].flatMap((line) =>
          line ? byLine(line, given) : service === 'su-l' ? [] : [plain],
        )
      : [],
  );
  const distinct = new Map(values.map((value) => [JSON.stringify(value), value]));
  return distinct.size > 0 ? [...distinct.values()] : [plain];
}
