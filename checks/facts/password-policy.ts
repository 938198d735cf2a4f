/**
 * The effective password policy: for each way of changing a password, which modules are asked in which order with which
 * options. Whether a password is stored is answered by `storesPassword`, for what each module says to it. Pure but for the fact.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook, defineFact, known } from '../fact.ts';
import { type OsRelease, osRelease } from './os-release.ts';
import { type PamConfiguration, pam, pamStack } from './pam.ts';
import { type PamHandler, pamHandlers, runPam } from './pam-dispatch.ts';
import type { PamModuleLine, PamReturn } from './pam-line.ts';
import { moduleName } from './pam-module.ts';
import { pamInstalled } from './pam-people.ts';
import { pamAsked } from './pam-service.ts';
import { type PasswdqcConf, type PasswdqcRules, passwdqcConf, passwdqcRules } from './passwdqc.ts';
import {
  cracklibOptions,
  pwqualityConf,
  pwqualityOptions,
  type QualityConf,
  type QualityOptions,
  type Setting,
} from './pwquality.ts';

/** `account`: an ordinary account changes its own; `root`: root changes one. */
export type PasswordWho = 'account' | 'root';

export interface UnixPasswordOptions {
  /** Characters; only accounts other than root are held to it. Default 6 with Debian's patches, else 0. */
  readonly minlen: Setting<number>;
  /** Default 0: none. */
  readonly remember: Setting<number>;
}

export type PasswordModule = { readonly line: PamModuleLine } & (
  | { readonly kind: 'pwquality' | 'cracklib'; readonly quality: QualityOptions }
  | { readonly kind: 'unix'; readonly unix: UnixPasswordOptions }
  | { readonly kind: 'passwdqc'; readonly rules: PasswdqcRules }
  | { readonly kind: 'history' | 'fixed' | 'elsewhere' }
  /** Not installed: libpam answers in its place. */
  | { readonly kind: 'missing' }
  /** What it does with a password is not known here: a verdict that depends on it is unknown. */
  | { readonly kind: 'unknown' }
);

export interface PasswordWay {
  readonly service: string;
  readonly who: PasswordWho;
  /** Every module of the stack in its order, called or not. */
  readonly modules: readonly PasswordModule[];
  readonly handlers: readonly PamHandler[];
}

/** They never change passwords: pam_chauthtok(3) is not called. */
const NEVER =
  /^(cron|crond|atd|systemd-user|systemd-run0-user|polkit-1|runuser(-l)?|chfn|chsh|chage|vsftpd|dovecot|samba|cups|(user|group)(add|del|mod)|groupmems|chgpasswd)$/;
const ROOT_ONLY = /^(chpasswd|newusers)$/;
const ACCOUNT_ONLY = /^(login|remote|sshd|su|su-l|sudo|sudo-i|gdm-.*|lightdm|sddm|cockpit|other)$/;

/** Of one stack: the work grows with their cube. */
const MAX_MODULES = 40;

/** Accounts of /etc/passwd are nothing to them. */
const ELSEWHERE = /^(sss|ldapd?|krb5|winbind|systemd_home)$/;
const SILENT =
  /^(permit|deny|warn|echo|faildelay|gnome_keyring|kwallet[56]?|ecryptfs|cap|umask|limits|localuser|selinux|mount)$/;

/** What the stacks are read with. */
export interface PasswordSurroundings {
  readonly quality: readonly QualityConf[];
  readonly passwdqc: PasswdqcConf;
  /** As `isDebianLike` says. */
  readonly debian: boolean;
  /** File names of the modules; undefined: taken to be there. */
  readonly installed: ReadonlySet<string> | undefined;
}

function toModule(line: PamModuleLine, surroundings: PasswordSurroundings): PasswordModule {
  const { quality, passwdqc, debian, installed } = surroundings;
  const name = moduleName(line) ?? '';
  if (name !== '' && installed && !installed.has(`pam_${name}.so`)) return { line, kind: 'missing' };
  if (name === 'pwquality') return { line, kind: 'pwquality', quality: pwqualityOptions(line, quality) };
  if (name === 'cracklib') return { line, kind: 'cracklib', quality: cracklibOptions(line) };
  if (/^unix(_passwd)?$/.test(name)) return { line, kind: 'unix', unix: unixOptions(line, debian) };
  if (name === 'pwhistory') return { line, kind: 'history' };
  if (name === 'passwdqc') return { line, kind: 'passwdqc', rules: passwdqcRules(line, passwdqc) };
  if (SILENT.test(name)) return { line, kind: 'fixed' };
  return { line, kind: ELSEWHERE.test(name) ? 'elsewhere' : 'unknown' };
}

/** pam_unix compares only as many letters as an option's name has, and the last one wins. */
function unixOptions(line: PamModuleLine, debian: boolean): UnixPasswordOptions {
  const number = (name: string, otherwise: number): Setting<number> => {
    const arg = line.args.findLast((one) => one.startsWith(`${name}=`));
    if (arg === undefined) return { value: otherwise };
    return {
      value: Number(/^\d{1,9}/.exec(arg.slice(name.length + 1))?.[0] ?? 0),
      source: line.file,
      line: line.line,
    };
  };
  return {
    minlen: number('minlen', debian ? 6 : 0),
    remember: number('remember', 0),
  };
}

/** Pure. @throws CouldNotLook where the includes run in a circle or a setting can't be told */
export function passwordWays(
  configuration: PamConfiguration,
  surroundings: PasswordSurroundings,
): PasswordWay[] {
  return pamAsked(configuration).flatMap((service) => {
    if (NEVER.test(service)) return [];
    const handlers = pamHandlers(pamStack(configuration, service, 'password')) ?? [];
    const modules = handlers.flatMap(({ line }) =>
      line?.kind === 'module' ? [toModule(line, surroundings)] : [],
    );
    if (!modules.some(({ kind }) => kind !== 'fixed')) return [];
    const [first] = modules;
    if (first && modules.length > MAX_MODULES) throw new CouldNotLook(first.line.file, tooMany(service));
    const whose: PasswordWho[] = ROOT_ONLY.test(service)
      ? ['root']
      : ACCOUNT_ONLY.test(service)
        ? ['account']
        : ['account', 'root'];
    return whose.map((who) => ({ service, who, modules, handlers }));
  });
}

/**
 * Debian's and Ubuntu's pam_unix has a minimum length of 6, upstream none. Their `obscure` looks at nothing: its bit is lost on
 * the way to the check (a 64-bit set of options handed on as 32 bits; tried on Debian 11 to 13).
 */
export const isDebianLike = (os: Pick<OsRelease, 'id' | 'like'>): boolean =>
  [os.id, ...os.like].some((name) => name === 'debian' || name === 'ubuntu');

/** What a module says to a password that is typed whenever one is asked for. */
export type Opinion = 'accepts' | 'refuses';

/**
 * Pure. Whether the password that is typed ends up in the file, when each module judges it as `says`. A module that
 * refuses clears the password that was typed; one with use_authtok or use_first_pass then asks for none and fails, any
 * other asks again (libpam: pam_get_authtok.c); pam_passwdqc leaves it. What is stored stays so, whatever the stack ends with.
 */
export function storesPassword(
  { modules, handlers }: PasswordWay,
  says: (module: PasswordModule) => Opinion,
): boolean {
  const of = new Map(modules.map((module) => [module.line, module]));
  let typed = false;
  let stored = false;
  const prelim = (line: PamModuleLine): PamReturn => {
    const kind = of.get(line)?.kind;
    if (kind === 'missing') return 'module_unknown';
    return fixed(line) ?? (kind === 'elsewhere' ? 'user_unknown' : 'success');
  };
  if (runPam(handlers, prelim) !== 'success') return false;
  runPam(handlers, (line) => {
    const module = of.get(line);
    if (!module || module.kind === 'missing') return 'module_unknown';
    const always = fixed(line);
    if (always) return always;
    if (module.kind === 'elsewhere') return 'user_unknown';
    if (!typed && !asks(line)) return 'authtok_err';
    const accepted = says(module) === 'accepts';
    if (module.kind === 'passwdqc') {
      typed ||= accepted;
      return accepted ? 'success' : 'authtok_err';
    }
    typed = accepted;
    if (!typed)
      return 'quality' in module && module.quality.numbers.retry.value > 1 ? 'maxtries' : 'authtok_err';
    if (module.kind === 'unix') stored = true;
    return 'success';
  });
  return stored;
}

/** Whether it asks for a password where none was typed; pam_passwdqc then asks in any case. */
export const asks = ({ args }: PamModuleLine): boolean =>
  !args.some((arg) => /^use_(authtok|first_pass)/.test(arg));

/** The answer of modules that look at no password. */
function fixed(line: PamModuleLine): PamReturn | undefined {
  const name = moduleName(line) ?? '';
  if (name === 'deny') return 'authtok_err';
  if (name === 'warn' || name === 'faildelay') return 'ignore';
  return SILENT.test(name) ? 'success' : undefined;
}

/**
 * Pure. Whether a password is stored that each module judges so. It may also be the second one that is typed: a good one
 * passes the modules before one that refuses it, and what is asked for then was not seen by them.
 *
 * @param judged of each module of the way, whether it accepts the password
 */
export function takesJudged(way: PasswordWay, judged: readonly boolean[]): boolean {
  const accepted = new Map(way.modules.map((module, at) => [module, judged[at]]));
  const says = (module: PasswordModule) => (accepted.get(module) ? 'accepts' : 'refuses');
  if (storesPassword(way, says)) return true;
  return way.modules.some((module, at) => {
    // pam_passwdqc asks by itself, whatever was typed before.
    const asksAnew = module.kind === 'passwdqc' && asks(module.line) && judged[at];
    if (!asksAnew && module.kind !== 'history' && !('quality' in module && isEnforced(way, module)))
      return false;
    const before = new Set(way.modules.slice(0, at));
    return storesPassword(way, (one) => {
      if (one === module) return asksAnew ? 'accepts' : 'refuses';
      return before.has(one) && one.kind !== 'unix' ? 'accepts' : says(one);
    });
  });
}

/** Whether a refusal by this module alone keeps a password from being stored. */
export const decides = (way: PasswordWay, module: PasswordModule): boolean =>
  !takesJudged(
    way,
    way.modules.map((one) => one !== module),
  );

/** Whether what the quality module says counts for this way: enforcing, and root's exemption. */
export function isEnforced({ who, service }: PasswordWay, module: PasswordModule): boolean {
  if (module.kind === 'passwdqc') {
    // It takes nobody for root but who starts these two.
    const asRoot = who === 'root' && /^(passwd|chpasswd)$/.test(service);
    const { value } = module.rules.enforce;
    return value === 'everyone' || (value === 'users' && !asRoot);
  }
  if (module.kind !== 'pwquality' && module.kind !== 'cracklib') return true;
  const { enforcing, enforce_for_root: root } = module.quality.numbers;
  return enforcing.value !== 0 && (who === 'account' || root.value !== 0);
}

const tooMany = (service: string): Text => ({
  en: `the password stack of ${service} has more than ${MAX_MODULES} lines`,
  de: `der password-Stapel von ${service} hat mehr als ${MAX_MODULES} Zeilen`,
});

/** All ways of this host. */
export const passwordPolicy = defineFact<readonly PasswordWay[]>({
  id: 'password-policy',
  collect: async (_host, get) => {
    const [configuration, conf, passwdqc, os, installed] = await Promise.all([
      get(pam),
      get(pwqualityConf),
      get(passwdqcConf),
      get(osRelease),
      get(pamInstalled),
    ]);
    if (configuration.state !== 'known') return configuration;
    if (conf.state !== 'known') return conf;
    if (passwdqc.state !== 'known') return passwdqc;
    if (os.state === 'unreadable') return os;
    return known(
      passwordWays(configuration.value, {
        quality: conf.value,
        passwdqc: passwdqc.value,
        debian: os.state === 'known' && isDebianLike(os.value),
        installed: installed.state === 'known' ? installed.value : undefined,
      }),
    );
  },
});
