/**
 * SLES 15 (SP5), rebuilt from documented defaults (pam-config, openssh 8.4p1 with SUSE's own default for root, sudo
 * 1.9.12p1), not run: root may log in with a password, `targetpw` for everybody, administrators' files all in /etc.
 */
import { repository } from './suse.ts';
import { suse15 } from './suse-15.ts';
import { lines, type RebuiltSystem } from './unpacked.ts';

export const sles15: RebuiltSystem = {
  name: 'sles-15',
  tree: {
    live: false,
    files: {
      ...suse15({
        sudo: '1.9.12p1',
        sshd: 'OpenSSH_8.4p1\0kex-strict-s-v00@openssh.com',
        config: [],
      }),
      '/usr/lib/os-release': lines(
        'NAME="SLES"',
        'VERSION_ID="15.5"',
        'PRETTY_NAME="SUSE Linux Enterprise Server 15 SP5"',
        'ID="sles"',
        'ID_LIKE="suse"',
      ),
      '/run/issue': '\nWelcome to SUSE Linux Enterprise Server 15 SP5  (x86_64) - Kernel \\r (\\l).\n\n',
      ...repository(
        'SLE-Product-SLES15-SP5-Pool',
        'https://updates.suse.com/SUSE/Products/SLE-Product-SLES/15-SP5/x86_64/product/',
      ),
      ...repository(
        'SLE-Product-SLES15-SP5-Updates',
        'https://updates.suse.com/SUSE/Updates/SLE-Product-SLES/15-SP5/x86_64/update/',
      ),
    },
  },
};
