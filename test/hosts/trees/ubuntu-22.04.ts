/**
 * Ubuntu Server 22.04, rebuilt from documented defaults (openssh 8.9p1, sudo 1.9.9), not run: ssh.service is started by
 * itself, sources are lines that name no keyring (apt takes the keys in trusted.gpg.d), accounts are made by adduser.
 */

import { archiveKey, sshService, ubuntu } from './ubuntu.ts';
import { lines, type RebuiltSystem } from './unpacked.ts';

const COMPONENTS = 'main restricted universe multiverse';

export const ubuntu2204: RebuiltSystem = {
  name: 'ubuntu-22.04',
  tree: {
    live: false,
    files: {
      ...ubuntu({
        title: '22.04.5 LTS',
        codename: 'jammy',
        // 0.6 brought strict key exchange into it.
        sshd: 'OpenSSH_8.9p1 Ubuntu-3ubuntu0.13\0kex-strict-s-v00@openssh.com',
        sudo: '1.9.9',
        apt: '2.4.13',
        accounts: {
          'systemd-network': ['101:102:systemd Network Management,,,:/run/systemd:/usr/sbin/nologin', '*'],
          sshd: ['106:65534::/run/sshd:/usr/sbin/nologin', '*'],
        },
        groups: ['crontab:105', 'systemd-network:102'],
      }),
      ...sshService,
      '/etc/apt/trusted.gpg.d/ubuntu-keyring-2018-archive.gpg': archiveKey,
      '/usr/share/keyrings/ubuntu-archive-keyring.gpg': archiveKey,
      '/etc/apt/sources.list': lines(
        `deb http://archive.ubuntu.com/ubuntu/ jammy ${COMPONENTS}`,
        `deb http://archive.ubuntu.com/ubuntu/ jammy-updates ${COMPONENTS}`,
        `deb http://archive.ubuntu.com/ubuntu/ jammy-backports ${COMPONENTS}`,
        `deb http://security.ubuntu.com/ubuntu/ jammy-security ${COMPONENTS}`,
      ),
    },
  },
};
