/** login.bootloader-password */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { inContainer } from '../facts/container.ts';
import { bootLoader, type GrubConfiguration } from '../facts/grub-password.ts';

const WANTED: Text = {
  en: 'superusers set: entries are edited by them alone',
  de: 'superusers gesetzt: nur sie bearbeiten Einträge',
};
const CFG = '/boot/grub/grub.cfg';
const HASH = 'grub.pbkdf2.sha512.10000.AA.BB';
const tree = (grub: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { [CFG]: grub, ...more },
});
const GOOD = `set superusers="admin"\npassword_pbkdf2 admin ${HASH}\nexport superusers\nmenuentry 'Debian' --unrestricted {\n}\n`;
const VARIABLE = '$' + '{GRUB2_PASSWORD}';
const RHEL = `if [ -f $prefix/user.cfg ]; then
  source $prefix/user.cfg
  if [ -n "${VARIABLE}" ]; then
    set superusers="root"
    export superusers
    password_pbkdf2 root ${VARIABLE}
  fi
fi
`;
const examples: readonly Example[] = [
  { name: 'superusers with a password', outcome: 'pass', tree: tree(GOOD), says: ['admin'] },
  {
    name: 'RHEL: the password in user.cfg',
    outcome: 'pass',
    tree: { files: { '/boot/grub2/grub.cfg': RHEL, '/boot/grub2/user.cfg': `GRUB2_PASSWORD=${HASH}\n` } },
  },
  {
    name: 'systemd-boot without its editor',
    outcome: 'pass',
    tree: { files: { '/boot/loader/loader.conf': 'timeout 3\neditor no\n' } },
  },
  { name: 'as delivered', outcome: 'fail', tree: tree("menuentry 'Debian' {\n}\n"), says: ['no superusers'] },
  {
    name: 'only in comments',
    outcome: 'fail',
    tree: tree(`#set superusers="admin"\n#password_pbkdf2 admin ${HASH}\n`),
  },
  {
    name: 'set in /etc/grub.d and not yet generated',
    outcome: 'fail',
    tree: tree("menuentry 'Debian' {\n}\n", {
      '/etc/grub.d/40_custom': `#!/bin/sh\nexec tail -n +3 $0\n${GOOD}`,
    }),
    says: ['40_custom'],
  },
  {
    name: 'a superuser without a password: then nobody may edit',
    outcome: 'pass',
    tree: tree(`set superusers="admin"\npassword_pbkdf2 anna ${HASH}\n`),
  },
  { name: 'RHEL without user.cfg', outcome: 'fail', tree: { files: { '/boot/grub2/grub.cfg': RHEL } } },
  {
    name: 'superusers emptied by a later line: nobody may edit',
    outcome: 'pass',
    tree: tree(`${GOOD}set superusers=""\n`),
  },
  {
    name: 'systemd-boot with its editor',
    outcome: 'fail',
    tree: { files: { '/boot/loader/loader.conf': '#editor no\n' } },
  },
  {
    name: 'a container has no boot loader',
    outcome: 'not-applicable',
    tree: { files: { '/run/systemd/container': 'lxc' } },
  },
  { name: 'no boot loader is found', outcome: 'unknown', tree: { files: {} } },
  {
    name: 'grub.cfg can not be read',
    outcome: 'unknown',
    tree: { files: { [CFG]: { unreadable: 'EACCES' } } },
  },
  { name: 'a FIFO', outcome: 'unknown', tree: { files: { [CFG]: { type: 'other' } } } },
];

/**
 * Once superusers is set, nobody else may edit, also where it is empty or they have no password. RHEL's lines stand in a
 * condition: they do nothing until user.cfg has a password.
 */
const asks = ({ line, passwords, byUserFile }: GrubConfiguration, userFile: boolean): boolean =>
  line !== undefined && (passwords.length > 0 || byUserFile.length === 0 || userFile);

export const bootloaderPassword = defineCheck({
  id: 'login.bootloader-password',
  title: {
    en: 'The boot loader asks before entries are edited',
    de: 'Der Bootloader fragt, bevor sich Einträge bearbeiten lassen',
  },
  why: {
    en: 'Whoever can edit an entry starts a root shell with one word (init=/bin/sh) and needs no password of the system.',
    de: 'Wer einen Eintrag bearbeiten kann, startet mit einem Wort (init=/bin/sh) eine root-Shell und braucht kein Passwort des Systems.',
  },
  remedy: {
    en: 'grub-mkpasswd-pbkdf2, then superusers and password_pbkdf2 in /etc/grub.d/40_custom and update-grub (entries with --unrestricted still start by themselves); on RHEL: grub2-setpassword; systemd-boot: “editor no” in loader.conf.',
    de: 'grub-mkpasswd-pbkdf2, dann superusers und password_pbkdf2 in /etc/grub.d/40_custom und update-grub (Einträge mit --unrestricted starten weiterhin von selbst); unter RHEL: grub2-setpassword; systemd-boot: „editor no“ in loader.conf.',
  },
  severity: 'low',
  params: z.strictObject({}),
  needs: { bootLoader, inContainer },
  appliesTo: always,
  evaluate: (facts) => {
    if (valueIn(facts.inContainer))
      return notApplicable({
        en: 'a container has no boot loader',
        de: 'ein Container hat keinen Bootloader',
      });
    const { grub, userFile, scripts, editor } = valueIn(facts.bootLoader);
    if (grub.length === 0 && !editor)
      return unknown({
        en: 'no configuration of a boot loader is found',
        de: 'es ist keine Konfiguration eines Bootloaders zu finden',
      });
    const pieces = grub.map((configuration) => {
      const good = asks(configuration, userFile !== undefined);
      const { source, line, superusers } = configuration;
      const names = superusers.join(', ');
      const found: Text | string = good
        ? { en: `superusers: ${names || 'nobody'}`, de: `superusers: ${names || 'niemand'}` }
        : line === undefined
          ? { en: 'no superusers', de: 'keine superusers' }
          : {
              en: 'superusers only by user.cfg, which sets none',
              de: 'superusers nur durch user.cfg, die keine setzt',
            };
      return { good, piece: evidence({ source, line, found, wanted: WANTED }) };
    });
    // Where GRUB is there, it is what starts; systemd-boot's own file counts without it.
    if (editor && grub.length === 0)
      pieces.push({
        good: !editor.on,
        piece: evidence({
          source: editor.source,
          line: editor.line,
          found: `editor ${editor.on ? 'yes' : 'no'}`,
          wanted: 'editor no',
        }),
      });
    const bad = pieces.filter(({ good }) => !good).map(({ piece }) => piece);
    if (bad.length === 0) return pass(pieces.map(({ piece }) => piece));
    return fail([
      ...bad,
      ...scripts.map((source) =>
        evidence({
          source,
          found: {
            en: 'sets superusers, not in the generated file',
            de: 'setzt superusers, fehlt in der erzeugten Datei',
          },
          wanted: { en: 'grub.cfg generated anew (update-grub)', de: 'grub.cfg neu erzeugt (update-grub)' },
        }),
      ),
    ]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 1.4.1',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 1.4.1',
    'BSI IT-Grundschutz SYS.1.1.A2, SYS.1.3.A2',
    'ISO/IEC 27001:2022 A.8.5',
    'grub-mkpasswd-pbkdf2(1), GRUB manual (security), loader.conf(5)',
  ],
  examples,
});
