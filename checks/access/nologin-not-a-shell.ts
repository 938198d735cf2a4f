/** access.nologin-not-a-shell */
import { z } from 'zod';
import { always, defineCheck, fail, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { SHELLS, shells } from '../facts/login-shell.ts';

const WANTED = { en: 'nologin is not listed', de: 'nologin ist nicht aufgeführt' };

export const nologinNotAShell = defineCheck({
  id: 'access.nologin-not-a-shell',
  title: { en: 'nologin does not count as a shell', de: 'nologin gilt nicht als Anmeldeshell' },
  why: {
    en: 'Services that let in only accounts with a valid shell (FTP servers, pam_shells) would let in accounts that were closed with nologin.',
    de: 'Dienste, die nur Konten mit gültiger Shell einlassen (FTP-Server, pam_shells), ließen auch Konten ein, die mit nologin gesperrt wurden.',
  },
  remedy: {
    en: 'Take the lines with nologin out of /etc/shells.',
    de: 'Die Zeilen mit nologin aus /etc/shells entfernen.',
  },
  severity: 'low',
  params: z.strictObject({}),
  needs: { shells },
  appliesTo: always,
  evaluate: (facts) => {
    if (facts.shells.state === 'absent')
      return pass([
        evidence({
          source: SHELLS,
          found: { en: 'not there: only sh and csh count', de: 'nicht vorhanden: nur sh und csh gelten' },
          wanted: WANTED,
        }),
      ]);
    const listed = valueIn(facts.shells);
    const wrong = listed.filter(({ path }) => /\/nologin$/.test(path));
    if (wrong.length > 0)
      return fail(
        wrong.map(({ source, line, path }) => evidence({ source, line, found: path, wanted: WANTED })),
      );
    return pass([
      evidence({
        source: listed[0]?.source ?? SHELLS,
        found: { en: `${listed.length} shells`, de: `${listed.length} Shells` },
        wanted: WANTED,
      }),
    ]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.3.1',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.3.1',
    'BSI IT-Grundschutz SYS.1.3.A2',
    'ISO/IEC 27001:2022 A.8.3',
    'shells(5), nologin(8), pam_shells(8)',
  ],
  examples: [
    {
      name: 'as delivered',
      outcome: 'pass',
      tree: { files: { '/etc/shells': '# shells\n/bin/sh\n/bin/bash\n' } },
    },
    { name: 'no such file', outcome: 'pass', tree: { files: {} } },
    {
      name: 'in a comment',
      outcome: 'pass',
      tree: { files: { '/etc/shells': '/bin/sh\n#/usr/sbin/nologin\n' } },
    },
    {
      name: 'nologin',
      outcome: 'fail',
      tree: { files: { '/etc/shells': '/bin/sh\n/usr/sbin/nologin\n' } },
      says: ['"line":2'],
    },
    {
      name: 'behind white space and before a comment',
      outcome: 'fail',
      tree: { files: { '/etc/shells': '/bin/sh\n  /sbin/nologin # closed\n' } },
    },
    {
      name: 'nologin in the vendor’s file',
      outcome: 'fail',
      tree: { files: { '/usr/etc/shells': '/bin/sh\n/usr/sbin/nologin\n' } },
      says: ['/usr/etc/shells'],
    },
    {
      name: 'a file in /etc hides the vendor’s',
      outcome: 'pass',
      tree: { files: { '/etc/shells': '/bin/sh\n', '/usr/etc/shells': '/usr/sbin/nologin\n' } },
    },
    {
      name: 'not readable',
      outcome: 'unknown',
      tree: { files: { '/etc/shells': { unreadable: 'permission denied' } } },
    },
  ],
});
