/** access.home-directories */
import { z } from 'zod';
import type { Evidence, Phrase, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type GroupFile, group } from '../facts/group.ts';
import { type DotFile, type Home, homes } from '../facts/homes.ts';
import { loginDefs } from '../facts/login-defs.ts';
import { PASSWD, type PasswdFile, passwd } from '../facts/passwd.ts';
import type { FileStat } from '../host.ts';
import { malformedGap } from './account-gaps.ts';
import { uidMin } from './system-accounts.ts';

type Others = 'none' | 'pass' | 'list';

/** What others may do with a person's home: nothing, pass through to files whose names they know, or list it. */
const ALLOWED: Readonly<Record<Others, number>> = { none: 0, pass: 0o1, list: 0o5 };

/** Dot-files that hold what nobody else should read. */
const SECRET =
  /^(?:\.netrc|\.pgpass|\.my\.cnf|\.git-credentials|\.rhosts|\.[a-z]*_history|\.mysql_history|\.gnupg|\.ssh\/id_[^.]*|\.vault-token)$/;

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

interface Group {
  /** Whether a group has nobody in it but this account: then what it may do, the account may. */
  readonly isPrivate: (gid: number, account: string) => boolean;
}

function groupsOf(accounts: PasswdFile, groups: GroupFile): Group {
  return {
    isPrivate: (gid, account) =>
      accounts.entries.every((entry) => entry.gid !== gid || entry.name === account) &&
      groups.entries
        .filter((entry) => entry.gid === gid)
        .every(({ members }) => members.every((member) => member === account)),
  };
}

/** Whether somebody other than the account and root can write. The sticky bit does not help: new files can be added. */
const othersWrite = ({ mode, gid }: FileStat, account: string, groups: Group): boolean =>
  (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0 && !groups.isPrivate(gid, account));

function judgeDirectory(
  { entry, directory }: Home,
  others: Others,
  person: boolean,
  groups: Group,
): Evidence[] {
  const at = (found: Phrase, wanted: Text) => [evidence({ source: entry.home || PASSWD, found, wanted })];
  const { name } = entry;
  if (directory.state === 'absent')
    return person
      ? [
          evidence({
            source: PASSWD,
            line: entry.line,
            found: { en: `${name}: ${entry.home} is missing`, de: `${name}: ${entry.home} fehlt` },
            wanted: { en: 'a home directory', de: 'ein Home-Verzeichnis' },
          }),
        ]
      : [];
  if (directory.state !== 'known') return [];
  const stat = directory.value;
  if (stat.type !== 'directory')
    return at(
      { en: `${name}: not a directory`, de: `${name}: kein Verzeichnis` },
      { en: 'a directory', de: 'ein Verzeichnis' },
    );
  if (stat.uid !== entry.uid && stat.uid !== 0)
    return at(
      { en: `${name}: belongs to UID ${stat.uid}`, de: `${name}: gehört UID ${stat.uid}` },
      { en: `UID ${entry.uid} or root`, de: `UID ${entry.uid} oder root` },
    );
  if (othersWrite(stat, name, groups))
    return at(`${name}: ${octal(stat.mode)}`, {
      en: 'writable for nobody else',
      de: 'für niemand anderen schreibbar',
    });
  if (person && (stat.mode & 0o7 & ~ALLOWED[others]) !== 0)
    return at(`${name}: ${octal(stat.mode)}`, {
      en: `${octal(0o750 | ALLOWED[others])} or stricter`,
      de: `${octal(0o750 | ALLOWED[others])} oder strenger`,
    });
  return [];
}

function judgeDotFile({ entry }: Home, { name, stat, link }: DotFile, groups: Group): Evidence[] {
  if (stat.state !== 'known') return [];
  const { uid, mode } = stat.value;
  const source = `${entry.home}/${name}`;
  // What a link leads to outside of the home (/dev/null, /etc/...) belongs to root or is somebody's business: only its writers count.
  if (uid !== entry.uid && uid !== 0)
    return [
      evidence({
        source,
        found: { en: `belongs to UID ${uid}`, de: `gehört UID ${uid}` },
        wanted: { en: `UID ${entry.uid} or root`, de: `UID ${entry.uid} oder root` },
      }),
    ];
  if (stat.value.type === 'other') return [];
  if (othersWrite(stat.value, entry.name, groups))
    return [
      evidence({
        source,
        found: octal(mode),
        wanted: { en: 'writable for nobody else', de: 'für niemand anderen schreibbar' },
      }),
    ];
  const closed =
    (mode & 0o004) === 0 && ((mode & 0o040) === 0 || groups.isPrivate(stat.value.gid, entry.name));
  if (!link && SECRET.test(name) && !closed && stat.value.size > 0)
    return [
      evidence({
        source,
        found: octal(mode),
        wanted: { en: '0600 or stricter', de: '0600 oder strenger' },
      }),
    ];
  return [];
}

export const homeDirectories = defineCheck({
  id: 'access.home-directories',
  title: {
    en: 'Home directories belong to their users and are closed to others',
    de: 'Home-Verzeichnisse gehören ihren Benutzern und sind für andere verschlossen',
  },
  why: {
    en: 'Whoever can write to somebody’s start files or keys acts as that person at the next login; whoever can read a home finds keys, histories and data.',
    de: 'Wer in Startdateien oder Schlüssel eines anderen schreiben kann, handelt bei dessen nächster Anmeldung als diese Person; wer ein Home-Verzeichnis lesen kann, findet Schlüssel, Verläufe und Daten.',
  },
  remedy: {
    en: 'Set owner and mode as shown (chown, chmod 0700); for new accounts set HOME_MODE 0700 in /etc/login.defs.',
    de: 'Eigentümer und Rechte wie angegeben setzen (chown, chmod 0700); für neue Konten HOME_MODE 0700 in /etc/login.defs eintragen.',
  },
  severity: 'medium',
  params: z.strictObject({
    /** What everybody else may do with a person's home; web servers need `pass`. */
    others: z.enum(['none', 'pass', 'list']).default('pass'),
  }),
  needs: { homes, passwd, group, defs: loginDefs },
  appliesTo: always,
  evaluate: (facts, { others }) => {
    const accounts = valueIn(facts.passwd);
    const groups = groupsOf(accounts, valueIn(facts.group));
    const least = uidMin(facts.defs);
    const found = valueIn(facts.homes);
    const wrong = found.flatMap((home) => {
      const person = home.entry.uid >= least || home.entry.uid === 0;
      const files = home.dotFiles.state === 'known' ? home.dotFiles.value : [];
      return [
        ...judgeDirectory(home, others, person, groups),
        ...files.flatMap((file) => judgeDotFile(home, file, groups)),
      ];
    });
    if (wrong.length > 0) return fail(wrong);
    for (const { directory, dotFiles } of found) {
      if (directory.state === 'unreadable') return unknown(directory.reason);
      if (dotFiles.state === 'unreadable') return unknown(dotFiles.reason);
      const file =
        dotFiles.state === 'known'
          ? dotFiles.value.find(({ stat }) => stat.state === 'unreadable')
          : undefined;
      if (file?.stat.state === 'unreadable') return unknown(file.stat.reason);
    }
    return (
      malformedGap(accounts.malformed) ??
      pass(
        found.map(({ entry, directory }) =>
          evidence({
            source: entry.home || PASSWD,
            found: `${entry.name}: ${directory.state === 'known' ? octal(directory.value.mode) : '-'}`,
            wanted: {
              en: `${octal(0o750 | ALLOWED[others])} or stricter, its user’s own`,
              de: `${octal(0o750 | ALLOWED[others])} oder strenger, Eigentum des Benutzers`,
            },
          }),
        ),
      )
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 7.2.9 and 7.2.10',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 7.2.8 and 7.2.9',
    'BSI IT-Grundschutz SYS.1.3.A2, SYS.1.3.A14',
    'ISO/IEC 27001:2022 A.8.3',
    'passwd(5), login.defs(5), sshd_config(5) StrictModes',
  ],
  examples: async () => (await import('./home-directories.examples.ts')).examples,
});
