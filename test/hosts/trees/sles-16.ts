/**
 * SLES 16, rebuilt from documented defaults (pam-config, openssh 10.0p2, sudo 1.9.17p1), not run: the installer's first
 * account is in wheel, and a vendor's drop-in below /usr/etc asks its members for their own password. Others are still
 * asked for root's. Each account has a group of its own.
 */
import { loginDefs, repository, sudoers } from './suse.ts';
import { suse16 } from './suse-16.ts';
import { accounts, groups, lines, type RebuiltSystem, YESCRYPT } from './unpacked.ts';

const SHADOW = { mode: 0o640, gid: 15 };

export const sles16: RebuiltSystem = {
  name: 'sles-16',
  tree: {
    live: false,
    files: {
      ...suse16,
      ...accounts(
        {
          root: ['0:0:root:/root:/bin/bash', YESCRYPT],
          bin: ['1:1:bin:/bin:/usr/sbin/nologin', '!*'],
          daemon: ['2:2:Daemon:/sbin:/usr/sbin/nologin', '!*'],
          nobody: ['65534:65534:Kernel Overflow User:/:/usr/sbin/nologin', '!*'],
          messagebus: ['499:499:User for D-Bus:/run/dbus:/usr/sbin/nologin', '!*'],
          sshd: ['498:498:SSH daemon:/var/lib/sshd:/usr/sbin/nologin', '!*'],
          anna: ['1000:1000:anna:/home/anna:/bin/bash', YESCRYPT],
        },
        SHADOW,
      ),
      ...groups(
        [
          'root:0',
          'bin:1',
          'daemon:2',
          'sys:3',
          'shadow:15',
          'trusted:42',
          'utmp:22',
          'users:100',
          'wheel:493:anna',
          'messagebus:499',
          'sshd:498',
          'nobody:65534',
          'anna:1000',
        ],
        SHADOW,
      ),
      '/home/anna': { directory: true, mode: 0o700, uid: 1000, gid: 1000 },
      '/usr/lib/os-release': lines(
        'NAME="SLES"',
        'VERSION_ID="16.0"',
        'PRETTY_NAME="SUSE Linux Enterprise Server 16.0"',
        'ID="sles"',
        'ID_LIKE="suse"',
      ),
      '/run/issue': '\nWelcome to SUSE Linux Enterprise Server 16.0 - Kernel \\r (\\l).\n\n',
      '/usr/etc/login.defs': loginDefs('YESCRYPT', 'yes'),
      '/usr/etc/sudoers': { ...sudoers, text: `${sudoers.text}@includedir /usr/etc/sudoers.d\n` },
      '/usr/etc/sudoers.d/50-wheel-auth-self': {
        text: lines('Defaults:%wheel !targetpw', '%wheel ALL = (root) ALL'),
        mode: 0o440,
      },
      ...repository(
        'SLE-Product-SLES-16.0',
        'https://updates.suse.com/SUSE/Products/SLES/16.0/x86_64/product/',
      ),
    },
  },
};
