/** Examples of access.privileges-granted. */
import type { Privilege } from '../../shared/grant.ts';
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';
import { grant, hostWith, hostWithoutPolicy, NOW, passwdWith } from './grants.examples.ts';

const SUDO = 'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n';
const sudoers = (
  text: string,
  more: Readonly<Record<string, Node>> = {},
): Readonly<Record<string, Node>> => ({
  '/usr/bin/sudo': { text: '\u007fELF\0sudo_plugin\x001.9.13p3\0', mode: 0o4755 },
  '/proc/sys/kernel/hostname': 'web1\n',
  '/etc/sudoers': { text, mode: 0o440 },
  ...more,
});
const groups = (more: string): Readonly<Record<string, Node>> => ({
  '/etc/group': `root:x:0:\nadm:x:4:syslog\nsyslog:x:104:\nbackup:x:34:\nanna:x:1000:\n${more}\n`,
  '/etc/passwd': passwdWith(
    'syslog:x:104:104::/:/usr/sbin/nologin\njenkins:x:990:990::/srv:/usr/sbin/nologin',
  ),
});
const annas = (...privileges: Privilege[]) => grant(['anna'], { privileges });

export const examples: readonly Example[] = [
  {
    name: 'nobody but root, as delivered; syslog reads logs',
    outcome: 'pass',
    tree: hostWith([], { ...sudoers(SUDO), ...groups('sudo:x:27:\nshadow:x:42:') }),
    says: ['no account but root'],
  },
  {
    name: 'a member of sudo with a grant',
    outcome: 'pass',
    tree: hostWith([annas('sudo')], { ...sudoers(SUDO), ...groups('sudo:x:27:anna') }),
    says: ['anna: group sudo; a.muster (provider)', 'anna: sudo: ALL'],
  },
  {
    name: 'root covers all others',
    outcome: 'pass',
    tree: hostWith([annas('root')], { ...sudoers(SUDO), ...groups('docker:x:27:anna\nshadow:x:42:anna') }),
  },
  {
    name: 'a rule for single commands, granted as such',
    outcome: 'pass',
    tree: hostWith([annas('sudo-commands')], sudoers('anna ALL=(root) /usr/bin/systemctl reload nginx\n')),
  },
  {
    name: 'a rule that ends as another account is no way to root',
    outcome: 'pass',
    tree: hostWith([], sudoers('anna ALL=(backup) ALL\n')),
  },
  { name: 'no sudo here', outcome: 'pass', tree: hostWith([]) },
  {
    name: 'a member of docker without a grant',
    outcome: 'fail',
    tree: hostWith([annas('sudo')], groups('docker:x:998:anna')),
    says: ['anna: group docker; no grant', 'with privilege docker'],
  },
  {
    name: 'by way of a service that is in the container group',
    outcome: 'fail',
    tree: hostWith([grant(['jenkins'], { privileges: ['docker'] })], {
      ...groups('docker:x:998:jenkins'),
      ...sudoers('anna ALL=(jenkins) ALL\n'),
    }),
    says: ['anna: sudo: ALL; no grant', '/etc/sudoers'],
  },
  {
    name: 'over two accounts that sudo leads through',
    outcome: 'fail',
    tree: hostWith([grant(['jenkins', 'backup'], { privileges: ['docker', 'sudo'] })], {
      ...groups('docker:x:998:jenkins'),
      ...sudoers('anna ALL=(backup) ALL\nbackup ALL=(jenkins) ALL\n'),
    }),
    says: ['anna: sudo: ALL; no grant'],
  },
  {
    name: 'a service in the container group',
    outcome: 'fail',
    tree: hostWith([], groups('docker:x:998:jenkins')),
    says: ['jenkins'],
  },
  {
    name: 'by primary group',
    outcome: 'fail',
    tree: hostWith([], { ...groups('disk:x:6:'), '/etc/passwd': passwdWith('otto:x:1001:6::/:/bin/sh') }),
    says: ['otto: group disk'],
  },
  {
    name: 'a second account with UID 0',
    outcome: 'fail',
    tree: hostWith([annas('sudo')], { '/etc/passwd': passwdWith('toor:x:0:0::/root:/bin/sh') }),
    says: ['toor: UID 0'],
  },
  {
    name: 'all commands, where only some are granted',
    outcome: 'fail',
    tree: hostWith([annas('sudo-commands')], sudoers('anna ALL=(ALL) NOPASSWD: ALL\n')),
    says: ['/etc/sudoers'],
  },
  {
    name: 'a rule in a drop-in',
    outcome: 'fail',
    tree: hostWith(
      [],
      sudoers(`${SUDO}@includedir /etc/sudoers.d\n`, {
        '/etc/sudoers.d/90-anna': { text: 'anna ALL=(root) /usr/bin/vi /etc/hosts\n', mode: 0o440 },
      }),
    ),
    says: ['/etc/sudoers.d/90-anna', 'anna: sudo: /usr/bin/vi'],
  },
  {
    name: 'the grant ends at this instant',
    outcome: 'fail',
    tree: hostWith([grant(['anna'], { privileges: ['sudo'], until: NOW })], groups('wheel:x:10:anna')),
  },
  {
    name: 'the account is granted, the privilege is not',
    outcome: 'fail',
    tree: hostWith([grant(['anna'])], groups('lxd:x:10:anna')),
  },
  {
    name: 'a unit file that an account can write',
    outcome: 'fail',
    tree: hostWith([annas('sudo')], {
      '/etc/systemd/system/job.service': { text: '', uid: 1000, mode: 0o644 },
    }),
    says: ['anna: can write it', 'with privilege units'],
  },
  {
    name: 'a drop-in that a group can write, and a script of cron that everybody can',
    outcome: 'fail',
    tree: hostWith([annas('root')], {
      ...groups('ops:x:900:jenkins'),
      '/etc/systemd/system/ssh.service.d/x.conf': { text: '', gid: 900, mode: 0o664 },
      '/etc/cron.daily/job': { text: '', mode: 0o777 },
    }),
    says: ['jenkins: can write it', '*: can write it'],
  },
  {
    name: 'a cron table whose writer is granted it, and a masked unit',
    outcome: 'pass',
    tree: hostWith([annas('cron')], {
      '/etc/cron.d/job': { text: '', uid: 1000, mode: 0o644 },
      '/etc/systemd/system/x.service': { link: '/dev/null' },
      '/dev/null': { type: 'other', mode: 0o666 },
    }),
  },
  {
    name: 'unit files can not be looked at',
    outcome: 'unknown',
    tree: hostWith([], { '/etc/systemd/system': { directory: true, unreadable: 'input/output error' } }),
  },
  {
    name: 'no policy has come',
    outcome: 'unknown',
    tree: hostWithoutPolicy,
    says: ['no register of grants'],
  },
  {
    name: 'rules with a mistake',
    outcome: 'unknown',
    tree: hostWith([], sudoers(`${SUDO}anna ALL=(ALL\n`)),
  },
  {
    name: 'rules that can not be read',
    outcome: 'unknown',
    tree: hostWith([], sudoers('', { '/etc/sudoers': { unreadable: 'permission denied' } })),
  },
  {
    name: 'a rule of polkit that answers yes',
    outcome: 'unknown',
    tree: hostWith([], {
      '/etc/polkit-1/rules.d/10-ops.rules':
        '// returns YES\npolkit.addRule(function(action, subject) {\n  if (subject.isInGroup("ops")) return polkit.Result.YES;\n});\n',
    }),
    says: ['"line":3'],
  },
  {
    name: 'accounts of a directory',
    outcome: 'unknown',
    tree: hostWith([], { '/etc/nsswitch.conf': 'passwd: files sss\n' }),
  },
];
