/** Hosts with clients of backup servers, local snapshots, and services that do not see all. By documented formats. */
import type { Example } from '../check.ts';
import { DSM } from './storage-protect-examples.ts';
import { ALL, cronLines, type Files, toolTree, wants } from './tool-host.ts';

const BAREOS: Files = {
  '/etc/bareos/bareos-fd.d/director/main.conf':
    'Director {\n  Name = "main-dir" # the one\n  Password = "canary"\n}\n',
  '/etc/bareos/bareos-fd.d/director/mon.conf':
    'Director { Name = watcher; Password = canary; Monitor = yes }\n',
  '/etc/bareos/bareos-fd.d/client/myself.conf': 'Client {\n  Name = web1-fd\n}\n',
};
const BACULA: Files = {
  '/etc/bacula/bacula-fd.conf':
    '# Director { Name = none }\nDirector {\n  Name = main-dir\n  Password = "canary"\n}\nFileDaemon { Name = web1-fd }\n',
};
const declared = (tool: string): Files => ({
  '/etc/nachweis/backup.d/web.yaml': `name: web\ntool: ${tool}\nwhat: [${ALL.join(', ')}]\nto: vault.example.org\nwhen: { outside: 'the director, 02:00' }\nlastSuccess: { file: /var/lib/web-done }\n`,
  '/var/lib/web-done': { text: '', modified: '2026-06-15T02:30:00.000Z' },
});
const pbs = (more: string): Files =>
  cronLines(`PBS_REPOSITORY=anna@pbs@pbs.example.org:store proxmox-backup-client backup ${more}`);
const PBS_ALL = 'etc.pxar:/etc cron.pxar:/var/spool/cron dpkg.pxar:/var/lib/dpkg';
const service = (more: string, words = ALL.join(' ')): Files => ({
  '/etc/systemd/system/backup.service': `[Service]\n${more}\nExecStart=/usr/bin/restic -r sftp:vault.example.org:/x backup ${words}\n`,
});
const SNAPPER: Files = {
  '/etc/snapper/configs/root': 'SUBVOLUME="/"\nFSTYPE="btrfs"\nTIMELINE_CREATE="yes"\n',
  '/usr/lib/systemd/system/snapper-timeline.timer': '[Timer]\nOnCalendar=hourly\n',
  '/etc/systemd/system/timers.target.wants/snapper-timeline.timer': {
    link: '/usr/lib/systemd/system/snapper-timeline.timer',
  },
};

/** Names that lead back here. */
const SELF: Files = {
  '/etc/ssh/ssh_config': 'Include /etc/ssh/ssh_config.d/*.conf\n',
  '/etc/ssh/ssh_config.d/vault.conf': 'Host !other vault\n  HostName 127.0.0.1\n',
  '/root/.config/rclone/rclone.conf': '[cloud]\ntype = webdav\nurl = http://127.0.0.1:8080/x\n',
  '/mnt/nas/x': { link: '/srv/local' },
  '/srv/local': { directory: true },
};

export const clientExamples: Readonly<Record<string, readonly Example[]>> = {
  'backup.configured': [
    {
      name: 'the file daemon of Bareos is enabled: only the director knows',
      outcome: 'unknown',
      tree: toolTree(BAREOS, wants('bareos-fd.service')),
      says: ['main-dir', 'backup.d'],
    },
    {
      name: 'the file daemon of Bacula is enabled',
      outcome: 'unknown',
      tree: toolTree(BACULA, wants('bacula-fd.service')),
      says: ['main-dir'],
    },
    { name: 'the file daemon of Bacula is not enabled', outcome: 'fail', tree: toolTree(BACULA) },
    { name: 'a declared job of Bareos', outcome: 'pass', tree: toolTree(BAREOS, declared('bareos')) },
    {
      name: 'the service of Veeam Agent is enabled',
      outcome: 'unknown',
      tree: toolTree(wants('veeamservice.service'), { '/etc/veeam/veeam.ini': '' }),
      says: ['veeamconfig'],
    },
    {
      name: 'the scheduler of Storage Protect, managed by dsmcad',
      outcome: 'pass',
      tree: toolTree(DSM, wants('dsmcad.service')),
      says: ['tsm.example.org'],
    },
    { name: 'dsmc is installed and nothing runs it', outcome: 'fail', tree: toolTree(DSM) },
    {
      name: 'dsmc without dsm.sys',
      outcome: 'fail',
      tree: toolTree(cronLines('dsmc incremental')),
      says: ['dsm.sys'],
    },
    {
      name: 'the client of Proxmox Backup',
      outcome: 'pass',
      tree: toolTree(pbs(PBS_ALL)),
      says: ['pbs://pbs.example.org/store'],
    },
    {
      name: 'snapper alone is no backup',
      outcome: 'fail',
      tree: toolTree(SNAPPER),
      says: ['snapper', 'no backup'],
    },
    {
      name: 'Timeshift alone is no backup',
      outcome: 'fail',
      tree: toolTree({ '/etc/timeshift/timeshift.json': '{\n  "schedule_daily" : "true"\n}\n' }),
      says: ['Timeshift'],
    },
    {
      name: 'a script with rsync has to be declared',
      outcome: 'unknown',
      tree: toolTree(cronLines('rsync -a --delete /etc vault.example.org:/srv/web1/')),
      says: ['rsync', 'backup.d'],
    },
    {
      name: 'kopia has to be declared',
      outcome: 'unknown',
      tree: toolTree(cronLines('kopia snapshot create /etc')),
    },
  ],
  'backup.scheduled': [
    {
      name: 'the server of Storage Protect decides when',
      outcome: 'unknown',
      tree: toolTree(DSM, wants('dsmcad.service')),
      says: ['MAIN'],
    },
    { name: 'dsmc by cron', outcome: 'pass', tree: toolTree(DSM, cronLines('dsmc incr')) },
  ],
  'backup.scope': [
    { name: 'Proxmox Backup copies all of it', outcome: 'pass', tree: toolTree(pbs(PBS_ALL)) },
    {
      name: 'Proxmox Backup copies only /home',
      outcome: 'fail',
      tree: toolTree(pbs('home.pxar:/home')),
      says: ['/etc'],
    },
    {
      name: 'patterns of Proxmox Backup are not read',
      outcome: 'unknown',
      tree: toolTree(pbs(PBS_ALL), { '/etc/.pxarexclude': 'ssl\n' }),
      says: ['/etc/.pxarexclude'],
    },
    { name: 'Storage Protect', outcome: 'unknown', tree: toolTree(DSM, wants('dsmcad.service')) },
    { name: 'a service that may see all', outcome: 'pass', tree: toolTree(service('ProtectSystem=strict')) },
    {
      name: 'a service that does not see /root',
      outcome: 'fail',
      tree: toolTree(service('ProtectHome=yes', `${ALL.join(' ')} /root`), { '/root/notes': '' }),
      params: { wanted: ['/etc', '/root'] },
      says: ['ProtectHome=yes', '/root'],
    },
    {
      name: 'the same, with /root bound back in',
      outcome: 'pass',
      tree: toolTree(service('ProtectHome=tmpfs\nBindReadOnlyPaths=/root', `${ALL.join(' ')} /root`), {
        '/root/notes': '',
      }),
      params: { wanted: ['/etc', '/root'] },
    },
    {
      name: 'paths that are closed to the service',
      outcome: 'fail',
      tree: toolTree(service('InaccessiblePaths=-/etc/ssl')),
      says: ['/etc/ssl', 'InaccessiblePaths'],
    },
    {
      name: 'an empty file system in place of /etc',
      outcome: 'fail',
      tree: toolTree(service('TemporaryFileSystem=/etc:ro')),
      says: ['TemporaryFileSystem'],
    },
    {
      name: 'the service sees another system',
      outcome: 'unknown',
      tree: toolTree(service('RootDirectory=/srv/chroot')),
      says: ['RootDirectory'],
    },
    {
      name: 'root without the right to read every file',
      outcome: 'unknown',
      tree: toolTree(service('CapabilityBoundingSet=CAP_CHOWN')),
      says: ['CAP_DAC_READ_SEARCH'],
    },
    {
      name: 'an account that is made for the service',
      outcome: 'unknown',
      tree: toolTree(service('DynamicUser=yes')),
    },
  ],
  'backup.recent': [
    {
      name: 'a declared job of Bareos, of which the client renews a file',
      outcome: 'pass',
      tree: toolTree(BAREOS, wants('bareos-fd.service'), declared('bareos')),
    },
    {
      name: 'nothing tells when Proxmox Backup last ended well',
      outcome: 'unknown',
      tree: toolTree(pbs(PBS_ALL)),
    },
  ],
  'backup.encrypted': [
    {
      name: 'Proxmox Backup with a key',
      outcome: 'pass',
      tree: toolTree(pbs(`${PBS_ALL} --keyfile /etc/pbs.key`)),
    },
    {
      name: 'Proxmox Backup, told not to',
      outcome: 'fail',
      tree: toolTree(pbs(`${PBS_ALL} --crypt-mode none`)),
    },
    { name: 'Proxmox Backup, perhaps', outcome: 'unknown', tree: toolTree(pbs(PBS_ALL)) },
  ],
  'backup.off-host': [
    ...([
      ['nfs4', 'localhost:/x'],
      ['nfs4', '192.0.2.7:/x'],
      ['nfs4', '[::1]:/x'],
      ['ext4', '/dev/loop0'],
      ['cifs', '//127.1/x'],
      ['fuse.sshfs', 'vault:/x'],
    ].map(([type, source]) => ({
      name: `${source} by ${type} leads back to this system`,
      outcome: 'fail',
      tree: toolTree(cronLines(`restic -r /mnt/b/x backup /etc`), SELF, {
        '/proc/self/mountinfo': `21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 0:50 / /mnt/b rw - ${type} ${source} rw\n`,
        '/mnt/b/x': { directory: true },
      }),
    })) satisfies Example[]),
    ...([
      'sftp:vault:/x',
      'ssh://vault/x',
      'rest:http://2130706433:8000/x',
      'rest:http://0x7f.0.0.1/x',
      'rest:http://localhost.:8000/x',
      'rest:http://[::ffff:127.0.0.1]/x',
      'rclone:cloud:x',
      '/mnt/nas/x',
    ].map((place) => ({
      name: `${place} leads back to this system`,
      outcome: 'fail',
      tree: toolTree(cronLines(`restic -r ${place} backup /etc`), SELF),
    })) satisfies Example[]),
    {
      name: 'a name that begins like this system’s own, whose domain is not known',
      outcome: 'unknown',
      tree: toolTree(cronLines('restic -r rest:https://web1.example.org/x backup /etc')),
      says: ['web1.example.org'],
    },
    {
      name: 'a block of ssh that may name another host',
      outcome: 'unknown',
      tree: toolTree(cronLines('restic -r sftp:vault:/x backup /etc'), {
        '/root/.ssh/config': 'Match exec /bin/true\n  HostName localhost\n',
      }),
    },
    {
      name: 'ssh has a name of its own for another system',
      outcome: 'pass',
      tree: toolTree(cronLines('restic -r sftp:vault:/x backup /etc'), {
        '/root/.ssh/config':
          'Host other\n  HostName localhost\nHost v*\n  HostName %h.example.org\nHost *\n  HostName 127.0.0.1\n',
      }),
    },
    { name: 'Storage Protect', outcome: 'pass', tree: toolTree(DSM, wants('dsmcad.service')) },
    {
      name: 'Proxmox Backup on this system',
      outcome: 'fail',
      tree: toolTree(cronLines('proxmox-backup-client backup etc.pxar:/etc --repository store')),
      says: ['this system'],
    },
  ],
  'backup.credentials-safe': [
    {
      name: 'the key of Proxmox Backup that all can read',
      outcome: 'fail',
      tree: toolTree(pbs(`${PBS_ALL} --keyfile /etc/pbs.key`), { '/etc/pbs.key': 'canary' }),
      says: ['/etc/pbs.key'],
    },
  ],
};
