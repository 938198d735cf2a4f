/** Hosts for backup.credentials-safe. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';

type Files = Tree['files'];

const base: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
  '/root': { directory: true, mode: 0o700 },
  '/usr/bin/restic': '',
  '/usr/bin/borg': '',
  '/usr/bin/borgmatic': '',
  '/usr/sbin/cron': '',
};
const tree = (...parts: Files[]): Tree => ({ files: Object.assign({}, base, ...parts) });
const cron = (words: string, mode = 0o644): Files => ({
  '/etc/cron.d/backup': { text: `30 2 * * * root ${words}\n`, mode },
});
const unit = (more: string): Files => ({
  '/etc/systemd/system/backup.service': `[Service]\n${more}\nExecStart=/usr/bin/restic backup /etc\n`,
});
const file = (path: string, text: string, mode: number, more: Record<string, unknown> = {}): Files => ({
  [path]: { text, mode, ...more },
});
const SECRET = 'RESTIC_PASSWORD=canary\nRESTIC_REPOSITORY=/srv/vault\n';
const script = (text: string, mode: number): Files => ({
  ...cron('/usr/local/sbin/nightly'),
  '/usr/local/sbin/nightly': { text: `#!/bin/sh\n${text}\n`, mode },
});
const withFile = cron('restic -r /srv/vault -p /etc/restic/key backup /etc');

export const credentialsExamples: readonly Example[] = [
  {
    name: 'a file of variables for root alone',
    outcome: 'pass',
    tree: tree(unit('EnvironmentFile=/etc/restic/env'), file('/etc/restic/env', SECRET, 0o600)),
    says: ['/etc/restic/env'],
  },
  {
    name: 'a file of its own for root alone',
    outcome: 'pass',
    tree: tree(withFile, file('/etc/restic/key', 'canary\n', 0o400)),
  },
  {
    name: 'open by its mode, in a directory that is closed',
    outcome: 'pass',
    tree: tree(
      cron('restic -r /srv/vault -p /root/secret backup /etc'),
      file('/root/secret', 'canary\n', 0o644),
    ),
  },
  {
    name: 'borgmatic, for root alone',
    outcome: 'pass',
    tree: tree(
      cron('borgmatic'),
      file(
        '/etc/borgmatic/config.yaml',
        'source_directories: [/etc]\nrepositories: [/srv/vault]\nencryption_passphrase: canary\n',
        0o600,
      ),
    ),
  },
  {
    name: 'a script that reads a closed file',
    outcome: 'pass',
    tree: tree(
      script('export BORG_PASSCOMMAND="cat /root/secret"\nborg create /srv/vault::x /etc', 0o755),
      file('/root/secret', 'canary', 0o600),
    ),
  },
  {
    name: 'the file of variables is open to all',
    outcome: 'fail',
    tree: tree(unit('EnvironmentFile=-/etc/restic/env'), file('/etc/restic/env', SECRET, 0o644)),
    says: ['every user can read', '0644'],
  },
  {
    name: 'the file of its own is open to all',
    outcome: 'fail',
    tree: tree(withFile, file('/etc/restic/key', 'canary\n', 0o604)),
  },
  {
    name: 'an access list opens it',
    outcome: 'fail',
    tree: tree(withFile, file('/etc/restic/key', 'canary\n', 0o600, { acl: ['user:1000:r--'] })),
    says: ['user:1000'],
  },
  {
    name: 'a script that all can read holds it',
    outcome: 'fail',
    tree: tree(script("export BORG_PASSPHRASE='canary'\nborg create /srv/vault::x /etc", 0o755)),
    says: ['/usr/local/sbin/nightly'],
  },
  {
    name: 'a table of cron.d that all can read holds it',
    outcome: 'fail',
    tree: tree(cron('RESTIC_PASSWORD=canary restic -r /srv/vault backup /etc')),
    says: ['/etc/cron.d/backup'],
  },
  {
    name: 'a unit for root alone: systemctl show tells its variables to all',
    outcome: 'fail',
    tree: tree({
      '/etc/systemd/system/backup.service': {
        text: '[Service]\nEnvironment=RESTIC_PASSWORD=canary\nExecStart=/usr/bin/restic -r /srv/vault backup /etc\n',
        mode: 0o600,
      },
    }),
    says: ['systemctl show'],
  },
  {
    name: 'in the address, as an argument',
    outcome: 'fail',
    tree: tree(cron('restic -r rest:https://anna:canary@vault.example.org/ backup /etc', 0o600)),
    says: ['argument'],
  },
  {
    name: 'a command that speaks it',
    outcome: 'fail',
    tree: tree(cron("restic -r /srv/vault --password-command 'echo canary' backup /etc", 0o600)),
    says: ['argument'],
  },
  {
    name: 'borgmatic, open to all',
    outcome: 'fail',
    tree: tree(
      cron('borgmatic'),
      file(
        '/etc/borgmatic/config.yaml',
        'location:\n  source_directories: [/etc]\n  repositories: [/srv/vault]\nstorage:\n  encryption_passphrase: "canary"\n',
        0o644,
      ),
    ),
    says: ['/etc/borgmatic/config.yaml'],
  },
  { name: 'no job', outcome: 'not-applicable', tree: tree() },
  {
    name: 'the file can not be read',
    outcome: 'unknown',
    tree: tree(withFile, { '/etc/restic/key': { text: '', unreadable: 'permission denied' } }),
    says: ['permission denied'],
  },
  {
    name: 'resticprofile keeps them elsewhere',
    outcome: 'unknown',
    tree: tree(cron('/usr/local/bin/resticprofile backup'), { '/usr/local/bin/resticprofile': '' }),
  },
];
