/** login.empty-password */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import type { MalformedLine } from '../facts/account-file.ts';
import { type Place, sshdEmptyPasswords } from '../facts/empty-password-ssh.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import {
  hasUnixOption,
  isPamUnix,
  type PamConfiguration,
  pam,
  pamModules,
  pamServices,
  pamStack,
} from '../facts/pam.ts';
import { PASSWD, type PasswdEntry, type PasswdFile, passwd } from '../facts/passwd.ts';
import { SHADOW, type ShadowFile, shadow } from '../facts/shadow.ts';

interface EmptyAccount extends Place {
  readonly name: string;
}

/** A place that lets an empty password through. */
interface Door extends Place {
  readonly found: string;
}

interface Doors {
  readonly open: readonly Door[];
  /** Modules that read the account files too and whose rules are not known here. */
  readonly unclear: readonly Door[];
}

const WANTED: Text = {
  en: 'a lock or a password; no service that accepts an empty one',
  de: 'ein Passwort oder eine Sperre; kein Dienst, der ein leeres annimmt',
};

/** pam_unix compares by prefix: `nullok` also takes in Debian's old `nullok_secure`. */
const NULL_OPTIONS = ['nullok', 'nullresetok'];
const OTHER_READERS = /^pam_(?:unix2|tcb|pwdb|shadow)(?:\.so)?$/;

/** Pure. What in the PAM stacks lets an empty password through; without any PAM, programs compare it themselves. */
function pamDoors(configuration: PamConfiguration): Doors {
  const lines = new Map<string, { door: Door; open: boolean }>();
  for (const service of pamServices(configuration))
    for (const line of pamModules(pamStack(configuration, service, 'auth'))) {
      const option = NULL_OPTIONS.find((name) => hasUnixOption(line, name));
      const open = isPamUnix(line) && option !== undefined;
      if (!open && !OTHER_READERS.test(line.module)) continue;
      const door = {
        source: line.file,
        line: line.line,
        found: [line.module, option].filter(Boolean).join(' '),
      };
      lines.set(`${line.file}:${line.line}`, { door, open });
    }
  const all = [...lines.values()];
  return {
    open: all.filter(({ open }) => open).map(({ door }) => door),
    unclear: all.filter(({ open }) => !open).map(({ door }) => door),
  };
}

function emptyAccounts(accounts: PasswdFile, shadows: ShadowFile | undefined): EmptyAccount[] {
  return accounts.entries.flatMap((account): EmptyAccount[] => {
    const { name, line, password } = account;
    if (password.kind === 'empty') return [{ source: PASSWD, line, name }];
    if (password.kind !== 'shadow') return [];
    const found = shadows?.entries.find((entry) => entry.name === name && entry.password.kind === 'empty');
    return found ? [{ source: SHADOW, line: found.line, name }] : [];
  });
}

const describe = ({ source, line, name }: EmptyAccount): Evidence =>
  evidence({
    source,
    line,
    found: { en: `account ${name}: empty password`, de: `Konto ${name}: leeres Passwort` },
    wanted: WANTED,
  });

const describeDoor = ({ source, line, found }: Door): Evidence =>
  evidence({ source, line, found, wanted: { en: 'no nullok', de: 'kein nullok' } });

const describeBroken = (source: string, { line, name }: MalformedLine): Evidence =>
  evidence({
    source,
    line,
    found: {
      en: `line can not be read as an account${name ? ` (${name})` : ''}`,
      de: `Zeile ist nicht als Konto lesbar${name ? ` (${name})` : ''}`,
    },
    wanted: { en: 'all fields of an account', de: 'alle Felder eines Kontos' },
  });

export const emptyPassword = defineCheck({
  id: 'login.empty-password',
  title: {
    en: 'No account gets in with an empty password',
    de: 'Kein Konto kommt mit leerem Passwort herein',
  },
  why: {
    en: 'An account without a password is open to everybody who knows its name, at the console and, depending on PAM and sshd, over the network.',
    de: 'Ein Konto ohne Passwort steht jedem offen, der seinen Namen kennt: an der Konsole und, je nach PAM und sshd, auch über das Netz.',
  },
  remedy: {
    en: 'Set a password (passwd NAME) or lock the account (passwd -l NAME); take nullok out of the auth lines of pam_unix (on Debian: pam-auth-update and /usr/share/pam-configs/unix).',
    de: 'Ein Passwort setzen (passwd NAME) oder das Konto sperren (passwd -l NAME); nullok aus den auth-Zeilen von pam_unix entfernen (unter Debian: pam-auth-update und /usr/share/pam-configs/unix).',
  },
  severity: 'critical',
  params: z.strictObject({}),
  needs: { passwd, shadow, pam, sshd: sshdEmptyPasswords, foreign: foreignAccounts },
  appliesTo: always,
  evaluate: (facts) => {
    const accounts = valueIn(facts.passwd);
    const shadows = facts.shadow.state === 'known' ? facts.shadow.value : undefined;
    const empty = emptyAccounts(accounts, shadows);
    // What the C library skips is no account to it; other programs may see it, so an open field is not waved through.
    const broken = [
      ...accounts.malformed
        .filter(({ passwordSet }) => !passwordSet)
        .map((line) => describeBroken(PASSWD, line)),
      ...(shadows?.malformed ?? [])
        .filter(({ passwordSet }) => !passwordSet)
        .map((line) => describeBroken(SHADOW, line)),
    ];
    const judged = empty.length === 0 ? undefined : judgeEmpty(empty, facts.pam, facts.sshd);
    if (judged?.outcome === 'fail') return judged;
    if (accounts.entries.some(({ password }) => password.kind === 'shadow')) valueIn(facts.shadow);
    if (broken.length > 0)
      return unknown(
        {
          en: 'account files hold lines that can not be read as accounts',
          de: 'in den Kontendateien stehen Zeilen, die nicht als Konto lesbar sind',
        },
        broken,
      );
    if (judged?.outcome === 'unknown') return judged;
    const foreign = valueIn(facts.foreign).passwords;
    if (foreign.length > 0 && (facts.pam.state !== 'known' || pamDoors(facts.pam.value).open.length > 0))
      return unknown(
        {
          en: 'accounts also come from a source that can not be read here, and empty passwords would be accepted',
          de: 'Konten kommen auch aus einer hier nicht lesbaren Quelle, und leere Passwörter würden angenommen',
        },
        foreign.map((source) => evidence({ ...source, wanted: WANTED })),
      );
    return judged ?? pass([summary(accounts.entries)]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 7.2.2 and 5.3.3.4.1',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 7.2.2 and 5.3.3.4.1',
    'BSI IT-Grundschutz ORP.4.A9, ORP.4.A22, SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.5.17, A.8.5',
    'shadow(5), passwd(5), pam_unix(8), sulogin(8), newgrp(1)',
  ],
  examples: async () => (await import('./empty-password.examples.ts')).examples,
});

const summary = (entries: readonly PasswdEntry[]): Evidence =>
  evidence({
    source: SHADOW,
    found: {
      en: `${entries.length} accounts, none with an empty password`,
      de: `${entries.length} Konten, keines mit leerem Passwort`,
    },
    wanted: WANTED,
  });

/**
 * Expired accounts and those with nologin as their shell count too: su, sudo, FTP and screen locks don't all ask for
 * either. Group passwords don't: newgrp(1) lets only members in where a group's password is empty.
 */
function judgeEmpty(
  empty: readonly EmptyAccount[],
  configuration: Fact<PamConfiguration>,
  sshd: Fact<readonly Place[]>,
) {
  const accounts = empty.map(describe);
  const open: Evidence[] = [];
  if (empty.some(({ name }) => name === 'root'))
    open.push(
      evidence({
        source: '/sbin/sulogin',
        found: {
          en: 'rescue mode opens without a question when root has no password',
          de: 'der Rettungsmodus öffnet sich ohne Frage, wenn root kein Passwort hat',
        },
        wanted: { en: 'root locked, or with a password', de: 'root gesperrt oder mit Passwort' },
      }),
    );
  if (configuration.state === 'absent')
    open.push(
      evidence({
        source: configuration.source,
        found: {
          en: 'no PAM: programs take an empty password by themselves',
          de: 'kein PAM: Programme nehmen ein leeres Passwort von sich aus an',
        },
        wanted: { en: 'pam_unix without nullok', de: 'pam_unix ohne nullok' },
      }),
    );
  const doors = configuration.state === 'known' ? pamDoors(configuration.value) : undefined;
  open.push(...(doors?.open ?? []).map(describeDoor));
  if (sshd.state === 'known')
    open.push(
      ...sshd.value.map((place) => evidence({ ...place, found: 'PermitEmptyPasswords yes', wanted: 'no' })),
    );
  if (open.length > 0) return fail([...accounts, ...open]);
  valueIn(configuration);
  valueIn(sshd);
  if (doors && doors.unclear.length > 0)
    return unknown(
      {
        en: 'an account has an empty password, and whether the PAM module accepts it is not known',
        de: 'ein Konto hat ein leeres Passwort, und ob das PAM-Modul es annimmt, ist nicht bekannt',
      },
      [...accounts, ...doors.unclear.map(describeDoor)],
    );
  return pass(accounts, {
    en: 'the empty passwords are accepted by no service: pam_unix stands without nullok everywhere',
    de: 'die leeren Passwörter nimmt kein Dienst an: pam_unix steht überall ohne nullok',
  });
}
