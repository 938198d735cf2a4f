/** access.umask */
import { z } from 'zod';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { asBuilt, inForce, notWritten, type UmaskValue, umaskChain } from '../facts/umask.ts';

const octal = (mask: number): string => mask.toString(8).padStart(3, '0');

const PAM = 'session optional pam_umask.so\n';
const tree = (files: Example['tree']['files']): Example['tree'] => ({
  files: { '/etc/pam.d/sshd': PAM, '/etc/login.defs': 'UMASK 022\n', ...files },
});
const DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\n';
/** With an account that has a group of its own name. */
const people = (files: Example['tree']['files']): Example['tree'] =>
  tree({
    '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n',
    '/etc/group': 'root:x:0:\nanna:x:1000:\n',
    ...files,
  });

export const umask = defineCheck({
  id: 'access.umask',
  title: {
    en: 'New files are closed to others (umask)',
    de: 'Neue Dateien sind für andere verschlossen (umask)',
  },
  why: {
    en: 'With a wide umask every file that somebody makes can be read by all accounts of the host until they think of closing it.',
    de: 'Bei weiter umask ist jede neu angelegte Datei für alle Konten des Systems lesbar, bis jemand daran denkt, sie zu schließen.',
  },
  remedy: {
    en: 'Set UMASK 027 in /etc/login.defs and `nousergroups` behind pam_umask where that is in use, else `umask 027` in a file of /etc/profile.d; take weaker lines out of the start files named.',
    de: 'Wo pam_umask verwendet wird, UMASK 027 in /etc/login.defs und hinter pam_umask `nousergroups` setzen, sonst `umask 027` in einer Datei in /etc/profile.d; schwächere Zeilen aus den genannten Startdateien entfernen.',
  },
  severity: 'low',
  params: z.strictObject({
    /** Octal; every bit of it must be set. */
    mask: z
      .string()
      .regex(/^0?[0-7]{3}$/)
      .default('027'),
  }),
  needs: { chain: umaskChain },
  appliesTo: always,
  evaluate: (facts, params) => {
    const least = Number.parseInt(params.mask, 8);
    const values = inForce(valueIn(facts.chain));
    const wanted = {
      en: `${params.mask} or stricter`,
      de: `${params.mask} oder strenger`,
    };
    const show = ({ source, line, mask, whose }: UmaskValue) => {
      const value = mask === undefined ? { en: 'not written out', de: 'nicht ausgeschrieben' } : octal(mask);
      const { en, de } = typeof value === 'string' ? { en: value, de: value } : value;
      const found = whose ? { en: `${en} (${whose.en})`, de: `${de} (${whose.de})` } : value;
      return evidence({ source, line, found, wanted });
    };
    const weak = values.filter(({ mask }) => mask !== undefined && (mask & least) !== least);
    if (weak.length > 0) return fail(weak.map(show));
    if (values.some(({ mask, whose }) => mask === undefined && whose))
      return unknown(asBuilt, values.map(show));
    return values.some(({ mask }) => mask === undefined)
      ? unknown(notWritten, values.map(show))
      : pass(values.map(show));
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.2.6 and 5.4.3.3',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.2.6 and 5.4.3.3',
    'BSI IT-Grundschutz SYS.1.3.A14',
    'ISO/IEC 27001:2022 A.8.3',
    'umask(2), pam_umask(8), login.defs(5)',
  ],
  examples: [
    {
      name: 'login.defs, set by pam_umask',
      outcome: 'pass',
      tree: tree({ '/etc/login.defs': 'UMASK 027\n' }),
      says: ['/etc/login.defs', '027'],
    },
    {
      name: 'an argument of pam_umask',
      outcome: 'pass',
      tree: tree({ '/etc/pam.d/sshd': 'session optional pam_umask.so umask=0077\n' }),
    },
    {
      name: 'a file of profile.d, written with letters',
      outcome: 'pass',
      tree: tree({ '/etc/profile.d/umask.sh': 'umask u=rwx,g=rx,o=\n' }),
    },
    {
      name: 'a stricter line behind a weaker one, comments aside',
      outcome: 'pass',
      tree: tree({
        '/etc/profile': '# umask 000\numask 022\n',
        '/etc/profile.d/z.sh': 'umask 077 # mine\n',
      }),
    },
    {
      name: 'pam_umask told to leave own groups alone',
      outcome: 'pass',
      tree: people({ '/etc/pam.d/sshd': 'session optional pam_umask.so umask=027 nousergroups\n' }),
    },
    {
      name: 'Debian 12 leaves own groups alone unless told otherwise',
      outcome: 'pass',
      tree: people({ '/etc/login.defs': 'UMASK 027\nUSERGROUPS_ENAB yes\n', '/etc/os-release': DEBIAN_12 }),
    },
    {
      name: 'Debian 13 opens new files to the account’s own group, whatever USERGROUPS_ENAB says',
      outcome: 'fail',
      tree: people({
        '/etc/login.defs': 'UMASK 027\nUSERGROUPS_ENAB no\n',
        '/etc/os-release': 'ID=debian\nVERSION_ID="13"\n',
      }),
      says: ['007 (usergroups: anna)'],
    },
    {
      name: 'usergroups as an argument',
      outcome: 'fail',
      tree: people({
        '/etc/pam.d/sshd': 'session optional pam_umask.so umask=027 usergroups\n',
        '/etc/os-release': DEBIAN_12,
      }),
      says: ['007'],
    },
    {
      name: 'the comment field of an account',
      outcome: 'fail',
      tree: people({
        '/etc/login.defs': 'UMASK 027\n',
        '/etc/os-release': DEBIAN_12,
        '/etc/passwd': 'anna:x:1000:100:Anna,,,,umask=002:/home/anna:/bin/sh\n',
      }),
      says: ['002 (anna, comment field)'],
    },
    {
      name: 'strict by sshd, forgotten for the console',
      outcome: 'fail',
      tree: tree({
        '/etc/login.defs': 'UMASK 027\n',
        '/etc/pam.d/login': 'session required pam_unix.so\n',
      }),
      says: ['systemd', '022'],
    },
    {
      name: 'behind a line that ends the stack',
      outcome: 'fail',
      tree: tree({
        '/etc/login.defs': 'UMASK 027\n',
        '/etc/pam.d/sshd': `session sufficient pam_unix.so\n${PAM}`,
      }),
    },
    { name: 'as delivered by Debian', outcome: 'fail', tree: tree({}), says: ['022'] },
    {
      name: 'login.defs alone, which no session reads',
      outcome: 'fail',
      tree: { files: { '/etc/login.defs': 'UMASK 027\n' } },
    },
    {
      name: 'a weaker line in one branch',
      outcome: 'fail',
      tree: tree({
        '/etc/login.defs': 'UMASK 027\n',
        '/etc/bashrc': 'if [ $UID -gt 199 ]; then\n  umask 002\nelse\n  umask 027\nfi\n',
      }),
      says: ['/etc/bashrc', '002'],
    },
    {
      name: 'a stricter line in one branch only',
      outcome: 'fail',
      tree: tree({ '/etc/profile': 'if [ "$USER" = root ]; then umask 077; fi\n' }),
    },
    {
      name: 'weaker in the last file',
      outcome: 'fail',
      tree: tree({ '/etc/profile.d/a.sh': 'umask 027\n', '/etc/profile.d/b.sh': 'umask 022\n' }),
      says: ['/etc/profile.d/b.sh'],
    },
    {
      name: 'weaker in the vendor’s start files below /usr/etc',
      outcome: 'fail',
      tree: tree({ '/etc/login.defs': 'UMASK 027\n', '/usr/etc/profile.d/a.sh': 'umask 022\n' }),
      says: ['/usr/etc/profile.d/a.sh'],
    },
    {
      name: 'weaker in the vendor’s start files, stricter in the administrator’s',
      outcome: 'pass',
      tree: tree({ '/usr/etc/profile.d/a.sh': 'umask 022\n', '/etc/profile.d/a.sh': 'umask 077\n' }),
    },
    {
      name: 'own groups where it is not known how pam_umask was built',
      outcome: 'unknown',
      tree: people({
        '/etc/login.defs': 'UMASK 027\n',
        '/etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\n',
      }),
      says: ['nousergroups'],
    },
    {
      name: 'a value that is not written out',
      outcome: 'unknown',
      tree: tree({ '/etc/profile.d/a.sh': 'umask $SITE_UMASK\n' }),
    },
    {
      name: 'a start file that can not be read',
      outcome: 'unknown',
      tree: tree({ '/etc/profile': { unreadable: 'permission denied' } }),
      says: ['permission denied'],
    },
  ],
});
