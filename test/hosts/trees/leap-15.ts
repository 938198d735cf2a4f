/**
 * openSUSE Leap 15 (15.6), rebuilt from documented defaults (pam-config, openssh 9.6p1, sudo 1.9.15p5), not run: as SLES 15,
 * but sshd reads drop-ins first. SUSE's default for root is still that of before OpenSSH 7.0: what forbids the password is a
 * drop-in of a package that is not installed by default (openssh-server-config-disallow-rootlogin).
 */
import { repository } from './suse.ts';
import { suse15 } from './suse-15.ts';
import { lines, type RebuiltSystem } from './unpacked.ts';

const MIRROR = 'http://download.opensuse.org';

export const leap15: RebuiltSystem = {
  name: 'leap-15',
  tree: {
    live: false,
    files: {
      ...suse15({
        sudo: '1.9.15p5',
        sshd: 'OpenSSH_9.6p1',
        config: ['Include /etc/ssh/sshd_config.d/*.conf', 'Include /usr/etc/ssh/sshd_config.d/*.conf'],
      }),
      '/etc/ssh/sshd_config.d': { directory: true },
      '/usr/lib/os-release': lines(
        'NAME="openSUSE Leap"',
        'VERSION_ID="15.6"',
        'PRETTY_NAME="openSUSE Leap 15.6"',
        'ID="opensuse-leap"',
        'ID_LIKE="suse opensuse"',
      ),
      '/run/issue': '\nWelcome to openSUSE Leap 15.6 - Kernel \\r (\\l).\n\n',
      ...repository('repo-oss', `${MIRROR}/distribution/leap/$releasever/repo/oss/`),
      ...repository('repo-update', `${MIRROR}/update/leap/$releasever/oss/`),
      ...repository('repo-sle-update', `${MIRROR}/update/leap/$releasever/sle/`),
    },
  },
};
