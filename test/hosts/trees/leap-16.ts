/**
 * openSUSE Leap 16, rebuilt from documented defaults (pam-config, openssh 10.0p2, sudo 1.9.17p1), not run: what the
 * vendor delivers lies below /usr/etc and /usr/lib/pam.d, and /etc has nothing of it.
 */
import { repository } from './suse.ts';
import { suse16 } from './suse-16.ts';
import { lines, type RebuiltSystem } from './unpacked.ts';

export const leap16: RebuiltSystem = {
  name: 'leap-16',
  tree: {
    live: false,
    files: {
      ...suse16,
      '/usr/lib/os-release': lines(
        'NAME="openSUSE Leap"',
        'VERSION_ID="16.0"',
        'PRETTY_NAME="openSUSE Leap 16.0"',
        'ID="opensuse-leap"',
        'ID_LIKE="suse opensuse"',
      ),
      '/run/issue': '\nWelcome to openSUSE Leap 16.0 - Kernel \\r (\\l).\n\n',
      ...repository('repo-oss', 'https://download.opensuse.org/distribution/leap/16.0/repo/oss/$basearch'),
    },
  },
};
