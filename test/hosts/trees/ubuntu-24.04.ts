/**
 * Ubuntu Server 24.04, rebuilt from documented defaults (openssh 9.6p1, sudo 1.9.15p5), not run: ssh is started by its
 * socket, sources are written as deb822 and name their keyring.
 */

import { archiveKey, sshSocket, ubuntu } from './ubuntu.ts';
import { lines, type RebuiltSystem } from './unpacked.ts';

export const ubuntu2404: RebuiltSystem = {
  name: 'ubuntu-24.04',
  tree: {
    live: false,
    files: {
      ...ubuntu({
        title: '24.04 LTS',
        codename: 'noble',
        sshd: 'OpenSSH_9.6p1 Ubuntu-3ubuntu13',
        sudo: '1.9.15p5',
        apt: '2.7.14',
        accounts: {
          'systemd-network': ['998:998:systemd Network Management:/:/usr/sbin/nologin', '!*'],
          sshd: ['109:65534::/run/sshd:/usr/sbin/nologin', '!'],
        },
        groups: ['crontab:997', 'systemd-network:998'],
      }),
      ...sshSocket,
      '/usr/share/keyrings/ubuntu-archive-keyring.gpg': archiveKey,
      '/etc/apt/sources.list.d/ubuntu.sources': lines(
        'Types: deb',
        'URIs: http://archive.ubuntu.com/ubuntu/',
        'Suites: noble noble-updates noble-backports',
        'Components: main restricted universe multiverse',
        'Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
        '',
        'Types: deb',
        'URIs: http://security.ubuntu.com/ubuntu/',
        'Suites: noble-security',
        'Components: main restricted universe multiverse',
        'Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
      ),
    },
  },
};
