/** login.lockout */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import {
  type ConfLine,
  faillockAction,
  faillockConf,
  isFaillock,
  isTally,
  type LockOptions,
  lockOptions,
} from '../facts/faillock.ts';
import { isPamUnix, pam, pamModules } from '../facts/pam.ts';
import type { PamModuleLine, PamReturn } from '../facts/pam-line.ts';
import { type PasswordService, passwordServices } from '../facts/password-services.ts';
import { runStack } from '../facts/stack-run.ts';

const params = z.strictObject({
  /** Failed attempts at most. */
  deny: z.int().min(1).max(100).default(5),
  /** Seconds of the lock at least; a lock until somebody unlocks always passes. */
  'unlock-time': z.int().min(0).default(900),
  /** Seconds at least in which failures are counted together. */
  'fail-interval': z.int().min(0).default(60),
  /** Whether root is locked too. */
  root: z.boolean().default(true),
});
type Params = z.output<typeof params>;

/** A lock of root may be shorter, so that an administrator gets back in: CIS. */
const ROOT_UNLOCK = 60;

/** Modules that speak for accounts of a directory: a local one is unknown to them. */
const DIRECTORY =
  /^pam_(?:sss|ldap|krb5|winbind|systemd_home|ecryptfs|cap|fprintd|pkcs11|u2f|yubico)(?:\.so)?$/;

interface Scene {
  readonly password: 'right' | 'wrong';
  readonly locked: boolean;
}

/** What modules return for an ordinary local account; second factors and the like are taken as passed. */
function answer(line: PamModuleLine, { password, locked }: Scene): PamReturn {
  const { module, args } = line;
  const name = module.replace(/\.so$/, '');
  if (isPamUnix(line)) return password === 'right' ? 'success' : 'auth_err';
  if (isTally(line)) return locked ? 'auth_err' : 'success';
  if (isFaillock(line)) {
    const action = faillockAction(line);
    if (action === undefined) return 'service_err';
    if (locked) return 'auth_err';
    return action === 'authfail' ? 'ignore' : 'success';
  }
  if (name === 'pam_deny' || name === 'pam_rootok') return 'auth_err';
  if (name === 'pam_wheel' && args.includes('trust')) return 'ignore';
  if (/^pam_(?:nologin|faildelay|group|warn|debug|echo)$/.test(name)) return 'ignore';
  if (name === 'pam_succeed_if') return succeeds(args) ? 'success' : 'auth_err';
  if (name === 'pam_usertype') return args.includes('isregular') ? 'success' : 'auth_err';
  return DIRECTORY.test(module) ? 'user_unknown' : 'success';
}

/** pam_succeed_if for uid 1000; other questions than the uid are taken as answered by yes. */
function succeeds(args: readonly string[]): boolean {
  const at = args.indexOf('uid');
  const bound = Number(args[at + 2]);
  if (at < 0 || !Number.isFinite(bound)) return true;
  const uid = 1000;
  switch (args[at + 1]) {
    case '<':
    case 'lt':
      return uid < bound;
    case '<=':
    case 'le':
      return uid <= bound;
    case '>':
    case 'gt':
      return uid > bound;
    case 'eq':
      return uid === bound;
    default:
      return uid >= bound;
  }
}

interface Finding {
  readonly service: string;
  readonly problem?: Text;
  readonly place: { readonly source: string; readonly line?: number };
  readonly found: Text;
}

/** Plays through what counts: is a wrong password noted, and does a lock keep the right one out? */
function judge({ name, auth }: PasswordService, conf: readonly ConfLine[], wanted: Params): Finding {
  const lines = pamModules(auth);
  const locks = lines.filter((line) => isFaillock(line) || isTally(line));
  const unix = lines.find(isPamUnix);
  const first = locks[0] ?? unix;
  const place = first ? { source: first.file, line: first.line } : { source: `/etc/pam.d/${name}` };
  const told = (problem: Text): Finding => ({ service: name, problem, place, found: problem });
  if (locks.length === 0) return told({ en: 'no module locks accounts', de: 'kein Modul sperrt Konten' });
  const wrong = runStack(auth, (line) => answer(line, { password: 'wrong', locked: false }));
  const noted = wrong.called.filter((line) => isTally(line) || faillockAction(line) === 'authfail');
  const counts = noted.filter((line) => isTally(line) || isFaillock(line));
  if (counts.length === 0)
    return told({ en: 'failures are not counted', de: 'Fehlversuche werden nicht gezählt' });
  // A lock by one line alone must be enough: the line that enforces is the one whose limits count.
  const enforcing = locks.filter((lock) => {
    if (faillockAction(lock) === 'authfail' && !isTally(lock)) return false;
    const run = runStack(auth, (line) => answer(line, { password: 'right', locked: line === lock }));
    return run.called.includes(lock) && !run.success;
  });
  const options = enforcing.map((line) => lockOptions(line, conf));
  const [limit] = options;
  if (!limit)
    return told({
      en: 'a lock does not keep out whoever knows the password',
      de: 'eine Sperre hält das richtige Passwort nicht ab',
    });
  const written = counts.filter(isFaillock).map((line) => lockOptions(line, conf).directory);
  const best = options.find((one) => problemOf(one, wanted) === undefined) ?? limit;
  const elsewhere = written.length > 0 && !written.includes(best.directory);
  const problem = elsewhere
    ? {
        en: 'failures are noted in another directory',
        de: 'Fehlversuche werden in einem anderen Verzeichnis vermerkt',
      }
    : problemOf(best, wanted);
  return {
    service: name,
    ...(problem ? { problem } : {}),
    place: { source: best.source, ...(best.line === undefined ? {} : { line: best.line }) },
    found: problem ?? valuesOf(best),
  };
}

function problemOf(options: LockOptions, wanted: Params): Text | undefined {
  const { deny, unlock, interval, root, rootUnlock } = options;
  const both = (text: string): Text => ({ en: text, de: text });
  if (deny === 0) return both('deny = 0');
  if (deny > wanted.deny) return both(`deny = ${deny}`);
  if (unlock !== 0 && unlock < wanted['unlock-time']) return both(`unlock_time = ${unlock}`);
  if (interval < wanted['fail-interval']) return both(`fail_interval = ${interval}`);
  if (wanted.root && !root) return { en: 'root is never locked', de: 'root wird nie gesperrt' };
  if (wanted.root && rootUnlock !== 0 && rootUnlock < ROOT_UNLOCK)
    return both(`root_unlock_time = ${rootUnlock}`);
  return undefined;
}

const valuesOf = ({ deny, unlock, root }: LockOptions): Text => ({
  en: `deny = ${deny}, unlock_time = ${unlock}, root ${root ? 'included' : 'not included'}`,
  de: `deny = ${deny}, unlock_time = ${unlock}, root ${root ? 'eingeschlossen' : 'ausgenommen'}`,
});

/** Services that share their lines share a piece of evidence. */
function describe(findings: readonly Finding[], wanted: Params): Evidence[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.place, finding.found.en]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const names = group.map(({ service }) => service).join(', ');
    return [
      evidence({
        ...first.place,
        found: { en: `${names}: ${first.found.en}`, de: `${names}: ${first.found.de}` },
        wanted: {
          en: `deny <= ${wanted.deny}, unlock_time >= ${wanted['unlock-time']} or 0${wanted.root ? ', root included' : ''}`,
          de: `deny <= ${wanted.deny}, unlock_time >= ${wanted['unlock-time']} oder 0${wanted.root ? ', root eingeschlossen' : ''}`,
        },
      }),
    ];
  });
}

export const lockout = defineCheck({
  id: 'login.lockout',
  title: {
    en: 'Repeated failures lock the account',
    de: 'Wiederholte Fehlversuche sperren das Konto',
  },
  why: {
    en: 'Without a lock, passwords can be guessed for as long as it takes.',
    de: 'Ohne Sperre lassen sich Passwörter beliebig lange durchprobieren.',
  },
  remedy: {
    en: 'Put pam_faillock before and behind pam_unix (preauth required, authfail [default=die]) and set deny, unlock_time and even_deny_root in /etc/security/faillock.conf; on RHEL: authselect enable-feature with-faillock; on Debian: pam-auth-update with profiles for faillock.',
    de: 'pam_faillock vor und hinter pam_unix einbinden (preauth als required, authfail als [default=die]) und deny, unlock_time und even_deny_root in /etc/security/faillock.conf setzen; unter RHEL: authselect enable-feature with-faillock; unter Debian: pam-auth-update mit Profilen für faillock.',
  },
  severity: 'medium',
  params,
  needs: { pam, faillockConf },
  appliesTo: always,
  evaluate: (facts, wanted) => {
    const services = passwordServices(valueIn(facts.pam));
    const conf = valueOr(facts.faillockConf, []);
    const other = services
      .flatMap(({ auth }) => pamModules(auth))
      .find(
        ({ args, module }) => /^pam_faillock/.test(module) && args.some((arg) => arg.startsWith('conf=')),
      );
    if (other)
      return unknown(
        {
          en: 'pam_faillock takes its settings from a file of its own (conf=), which is not read here',
          de: 'pam_faillock nimmt seine Einstellungen aus einer eigenen Datei (conf=), die hier nicht gelesen wird',
        },
        [
          evidence({
            source: other.file,
            line: other.line,
            found: 'conf=',
            wanted: '/etc/security/faillock.conf',
          }),
        ],
      );
    if (services.length === 0)
      return unknown({
        en: 'no service is known that checks passwords of this system through PAM',
        de: 'es ist kein Dienst bekannt, der Passwörter dieses Systems über PAM prüft',
      });
    const findings = services.map((service) => judge(service, conf, wanted));
    const broken = findings.filter(({ problem }) => problem !== undefined);
    return broken.length > 0 ? fail(describe(broken, wanted)) : pass(describe(findings, wanted));
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.3.2.2, 5.3.3.1.1 to 5.3.3.1.3',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.3.2.2, 5.3.3.1.1 to 5.3.3.1.3',
    'BSI IT-Grundschutz ORP.4.A8, ORP.4.A23, SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.8.5',
    'pam_faillock(8), faillock.conf(5), pam_tally2(8), pam.conf(5)',
  ],
  examples: async () => (await import('./lockout.examples.ts')).examples,
});
