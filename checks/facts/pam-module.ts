/**
 * What PAM modules can answer, and what their success proves: one table, from the modules' man pages and sources. What
 * is not known of a module is `unclear`, never guessed: a verdict that depends on it is `unknown`. Pure.
 */
import type { Text } from '../../shared/outcome.ts';
import { hasUnixOption } from './pam.ts';
import { type Answer, listFile, succeedIf, wheel } from './pam-condition.ts';
import { type PamModuleLine, type PamReturn, pamReturns } from './pam-line.ts';
import { type PamPeople, type PamPerson, SEPERMIT } from './pam-people.ts';
import type { PamUse } from './pam-service.ts';

/** Who is asked about, and under whose real user id. */
export interface PamScene {
  readonly service: string;
  readonly runsAs: PamUse['runsAs'];
  /** Absent: an account that does not come from /etc/passwd. */
  readonly target: PamPerson | undefined;
  /** Who started the program: never root, which needs no way in. Absent: not known or somebody from elsewhere. */
  readonly caller: PamPerson | undefined;
  readonly people: PamPeople;
}

export interface PamOutcomes {
  /** Answers that it can give without having proved anything. */
  readonly certain: readonly PamReturn[];
  /** Answers that it may give so, for all that is known here. */
  readonly unclear: readonly PamReturn[];
  readonly why?: Text;
}

const FAILURES: readonly PamReturn[] = [
  // In this order, for the first one that is treated alike is the one that is shown.
  'auth_err',
  'perm_denied',
  'user_unknown',
  'authinfo_unavail',
  ...pamReturns.filter(
    (name) =>
      !/^(success|new_authtok_reqd|ignore|incomplete|module_unknown|auth_err|perm_denied|user_unknown|authinfo_unavail)$/.test(
        name,
      ),
  ),
];
const ANY: readonly PamReturn[] = ['success', 'ignore', ...FAILURES];

/** Success means that somebody has shown a password, key, card, finger or ticket of that account. */
const PROVES =
  /^(unix(_auth|_acct|_passwd|_session)?|unix2|tcb|pwdb|sss|ldapd?|krb5|krb5_migrate|winbind|lsass|centrifydc|vas3?|aad|himmelblau|google_authenticator|oath|u2f|yubico|duo|fprintd|pkcs11|p11|ssh_agent_auth|radius(_auth)?|tacplus|userdb|mysql|pgsql|sqlite3?|opie|otpw|systemd_home|timestamp|cockpit_cert|ssh)$/;

/** Success in `account` means that the account was looked at and is neither expired nor shut. */
const VOUCHES =
  /^(unix(_auth|_acct|_passwd|_session)?|unix2|tcb|pwdb|sss|ldapd?|krb5|winbind|lsass|centrifydc|vas3?|aad|himmelblau|tacplus|mysql|pgsql|systemd_home)$/;

/** Modules that set things up or restrict; none looks at who somebody is, and most can succeed for anybody. */
const HELPERS =
  /^(env|faildelay|nologin|securetty|shells|cap|group|mount|gnome_keyring|kwallet[56]?|systemd|issue|motd|mail|lastlog2?|limits|loginuid|umask|namespace|selinux|tally2?|access|time|usertype|keyinit|mkhomedir|oddjob_mkhomedir|xauth|ftp|rhosts(_auth)?|abl|ecryptfs|cracklib|pwquality|pwhistory|passwdqc|gdm|ssh_add|setquota|tty_audit|apparmor|canonicalize_user|cgfs|cgroup|ck_connector|stress|filter|unlimited|postgresok|wtmpdb|reauthorize|chroot|tmpdir)$/;

const UNIX = /^(unix(_auth|_acct|_passwd|_session)?|unix2|tcb|pwdb)$/;
/** Proofs that only follow one that was given before, or that lead into the accounts of another check. */
const FOLLOWS = /^(timestamp|cockpit_cert)$/;

const DIRECTORY =
  /^(?:(?:\/usr)?\/lib(?:32|64|x32)?(?:\/[a-z0-9_]+-linux-[a-z0-9]+)?\/security\/|\/usr\/local\/lib\/security\/)(?:\$ISA\/)?$/;

/** `unix` for pam_unix.so in one of libpam's own directories; undefined for a file elsewhere, which may be anything. */
export function moduleName({ path, module }: PamModuleLine): string | undefined {
  const directory = path.slice(0, path.length - module.length);
  if (directory !== '' && directory !== '$ISA/' && !DIRECTORY.test(directory)) return undefined;
  return /^pam_([a-z0-9_]+)(?:\.so)?$/.exec(module)?.[1];
}

/** Whether it accepts a proof of identity that is kept elsewhere than in shadow; also where it is not known at all. */
export function provesElsewhere(line: PamModuleLine): boolean {
  const name = moduleName(line);
  if (name === undefined) return true;
  if (SPECIAL.has(name) || HELPERS.test(name) || UNIX.test(name) || FOLLOWS.test(name)) return false;
  return true;
}

const sure = (...certain: readonly PamReturn[]): PamOutcomes => ({ certain, unclear: [] });
/** It fails as modules do; whether it also gives `unclear` answers can't be told. */
const open = (
  why: Text,
  unclear: readonly PamReturn[],
  certain: readonly PamReturn[] = FAILURES,
): PamOutcomes => ({
  certain,
  unclear,
  why,
});

/** An answer that was worked out; where it could not be, both are possible and neither is certain. */
function answered(answer: Answer, name: string): PamOutcomes {
  if (answer) return sure(answer);
  return {
    certain: [],
    unclear: ['success', 'ignore', ...FAILURES],
    why: {
      en: `whom pam_${name} lets through here can not be told from the files`,
      de: `wen pam_${name} hier durchlässt, lässt sich aus den Dateien nicht ablesen`,
    },
  };
}

/** Whether its answer depends on more of a person than the state of the password. */
export const dependsOnPerson = (line: PamModuleLine): boolean =>
  /^(succeed_if|wheel|listfile)$/.test(moduleName(line) ?? '');

/** What the module may answer in `scene` without having proved who somebody is (`auth`) or vouched for the account. */
export function pamOutcomes(line: PamModuleLine, scene: PamScene): PamOutcomes {
  const name = moduleName(line);
  const { people } = scene;
  const bare = line.path.replace('$ISA/', '') === line.module;
  if (
    people.installed &&
    bare &&
    ![line.module, `${line.module}.so`].some((file) => people.installed?.has(file))
  )
    return sure('module_unknown');
  if (name === undefined) return unknownModule(line.module);
  const special = SPECIAL.get(name)?.(line, scene);
  if (special) return special;
  if (HELPERS.test(name)) return sure(...ANY);
  if (line.type === 'auth' ? PROVES.test(name) : VOUCHES.test(name)) return proving(name, line, scene);
  // A module that proves an identity says little about an account, and the other way round.
  return PROVES.test(name) ? sure(...ANY) : unknownModule(line.module);
}

const unknownModule = (module: string): PamOutcomes =>
  open(
    { en: `what ${module} asks for is not known here`, de: `was ${module} verlangt, ist hier nicht bekannt` },
    ['success', 'ignore', ...FAILURES],
    ['auth_err', 'user_unknown'],
  );

function proving(name: string, line: PamModuleLine, scene: PamScene): PamOutcomes {
  const has = (prefix: string) => line.args.some((arg) => arg.startsWith(prefix));
  const ignores = sure('ignore', ...FAILURES);
  if (
    line.type === 'auth' &&
    UNIX.test(name) &&
    (hasUnixOption(line, 'nullok') || hasUnixOption(line, 'nullresetok'))
  ) {
    const { target, people } = scene;
    const empty = target ? target.emptyPassword : people.foreignPasswords ? undefined : false;
    if (empty) return sure('success', ...FAILURES);
    if (empty === undefined)
      return open(
        {
          en: 'nullok accepts an empty password, and whether an account has one could not be seen',
          de: 'nullok nimmt ein leeres Passwort an, und ob ein Konto eines hat, war nicht zu sehen',
        },
        ['success'],
      );
  }
  if (/^(sss|ldapd?)$/.test(name) && (has('ignore_unknown_user') || has('ignore_authinfo_unavail')))
    return ignores;
  if (
    name === 'krb5' &&
    (has('minimum_uid') || has('ignore_root') || has('alt_auth_map') || line.type === 'account')
  )
    return ignores;
  if (line.type === 'account') return sure(...FAILURES);
  if (/^(google_authenticator|yubico)$/.test(name) && has('nullok')) return ignores;
  if (name === 'u2f' && has('alwaysok')) return sure('success', ...FAILURES);
  if (name === 'u2f' && has('nouserok'))
    return open(
      {
        en: 'pam_u2f with nouserok accepts accounts without a key in versions before 1.3.1',
        de: 'pam_u2f mit nouserok nimmt in Versionen vor 1.3.1 Konten ohne Schlüssel an',
      },
      ['success'],
      ['ignore', ...FAILURES],
    );
  if (name === 'duo')
    return open(
      {
        en: 'pam_duo lets everybody in while its service can not be reached, unless failmode is secure',
        de: 'pam_duo lässt jeden ein, solange sein Dienst nicht erreichbar ist, außer bei failmode=secure',
      },
      ['success'],
    );
  return sure(...FAILURES);
}

type Special = (line: PamModuleLine, scene: PamScene) => PamOutcomes | undefined;

const sepermit: Special = (line, { people }) => {
  const path = line.args.findLast((arg) => arg.startsWith('conf='))?.slice('conf='.length) ?? SEPERMIT;
  const lines = people.lists.get(path);
  if (lines === undefined) return answered(undefined, 'sepermit');
  const listed = lines !== 'absent' && lines.some((text) => !/^\s*(?:#|$)/.test(text));
  return listed ? sure(...ANY) : sure('ignore', ...FAILURES);
};

/** Works in another phase; in this one it has no opinion. */
const silentInAuth: Special = (line) => (line.type === 'auth' ? sure('ignore', ...FAILURES) : undefined);

const SPECIAL: ReadonlyMap<string, Special> = new Map(
  Object.entries<Special>({
    permit: () => sure('success'),
    deny: () => sure('auth_err', 'acct_expired'),
    warn: () => sure('ignore'),
    nologin: (line) => (line.args.includes('successok') ? undefined : sure('ignore', ...FAILURES)),
    env: silentInAuth,
    group: silentInAuth,
    mail: silentInAuth,
    issue: silentInAuth,
    echo: () => sure('success', 'ignore', 'buf_err'),
    debug: (line) => {
      const key = line.type === 'auth' ? 'auth=' : 'acct=';
      const value = line.args.find((arg) => arg.startsWith(key))?.slice(key.length);
      return sure(pamReturns.find((name) => name === value) ?? 'success');
    },
    // The account itself is counted by its place; `file=` names another list.
    localuser: (line, { target }) =>
      line.args.some((arg) => arg.startsWith('file='))
        ? sure(...ANY)
        : target
          ? sure('success')
          : sure('perm_denied', 'user_unknown'),
    rootok: (_line, { runsAs }) =>
      runsAs === 'root'
        ? sure('success')
        : runsAs === 'caller'
          ? sure('auth_err')
          : open(
              {
                en: 'pam_rootok lets everybody in when the program runs as root, and how this one runs is not known here',
                de: 'pam_rootok lässt jeden ein, wenn das Programm als root läuft, und wie dieses läuft, ist hier nicht bekannt',
              },
              ['success'],
              ['auth_err'],
            ),
    succeed_if: (line, { target, caller, runsAs, service, people }) => {
      if (!line.args.includes('use_uid'))
        return answered(succeedIf(line, target, service, people), 'succeed_if');
      const root = people.local.find(({ uid }) => uid === 0);
      const person = runsAs === 'root' ? root : runsAs === 'caller' ? (caller ?? 'notRoot') : undefined;
      return answered(succeedIf(line, person, service, people), 'succeed_if');
    },
    wheel: (line, { target, caller, runsAs, people }) => {
      const root = people.local.find(({ uid }) => uid === 0);
      // Without use_uid it is who logged in on that terminal, which is the caller where there is one.
      const person =
        runsAs === 'caller' ? caller : line.args.includes('use_uid') && runsAs === 'root' ? root : undefined;
      return answered(wheel(line, target, person, people), 'wheel');
    },
    listfile: (line, { target, people }) => {
      const answer = listFile(line, target, people);
      return answered(answer, 'listfile');
    },
    faillock: (line, { target }) => {
      if (line.type === 'account' || !line.args.includes('authfail')) return sure(...ANY);
      return target
        ? sure('ignore', ...FAILURES)
        : open(
            {
              en: 'pam_faillock with local_users_only succeeds for accounts from elsewhere',
              de: 'pam_faillock mit local_users_only ist bei Konten von anderswo erfolgreich',
            },
            ['success'],
            ['ignore', ...FAILURES],
          );
    },
    sepermit,
    selinux_permit: sepermit,
  }),
);
