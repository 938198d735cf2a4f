/** Hosts for backup.scope. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';

type Files = Tree['files'];

export const scopeBase: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
  '/etc/shadow': { text: 'root:!:::::::\n', mode: 0o640 },
  '/etc/fstab': '',
  '/etc/network/interfaces': 'auto lo\n',
  '/etc/default/grub': '',
  '/etc/ssh/sshd_config': '',
  '/etc/ssl/private/site.key': { text: 'canary-key', mode: 0o600 },
  '/etc/alternatives/editor': { link: '/usr/bin/vim' },
  '/etc/resolv.conf': { link: '/run/resolv.conf' },
  '/run/resolv.conf': '',
  '/usr/bin/vim': '',
  '/etc/passwd-': { text: '', mode: 0o600 },
  '/etc/hosts.bak': '',
  '/var/spool/cron/crontabs/root': { text: '@daily true\n', mode: 0o600 },
  '/var/lib/dpkg/status': 'Package: base-files\nStatus: install ok installed\n',
  '/usr/bin/restic': '',
  '/usr/bin/borg': '',
  '/usr/bin/borgmatic': '',
  '/usr/sbin/cron': '',
};

const tree = (...parts: Files[]): Tree => ({ files: Object.assign({}, scopeBase, ...parts) });
const job = (words: string): Files => ({ '/etc/cron.d/backup': `30 2 * * * root ${words}\n` });
const restic = (words: string, ...more: Files[]): Tree =>
  tree(job(`restic -r /srv/vault backup ${words}`), ...more);
const borg = (words: string, ...more: Files[]): Tree => tree(job(`borg create ${words}`), ...more);
const borgmatic = (text: string, ...more: Files[]): Tree =>
  tree(job('borgmatic'), { '/etc/borgmatic/config.yaml': text }, ...more);
const ALL = '/etc /var/spool/cron /var/lib/dpkg/status';
const mounted = (point: string): Files => ({
  '/proc/self/mountinfo': `21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 8:2 / ${point} rw - ext4 /dev/sda2 rw\n`,
});

export const scopeExamples: readonly Example[] = [
  { name: 'restic copies all of it', outcome: 'pass', tree: restic(ALL), says: ['/srv/vault'] },
  {
    name: 'restic copies the whole system but caches',
    outcome: 'pass',
    tree: restic("/ --exclude '/var/cache/*' --exclude /proc"),
  },
  {
    name: 'what nobody needs is left out',
    outcome: 'pass',
    tree: restic(`${ALL} --exclude '*.bak' -e '*~'`),
  },
  {
    name: 'the root of borg is named by a line of patterns',
    outcome: 'pass',
    tree: borg("--pattern 'R /etc' --pattern 'R /var' --pattern '- /var/cache' /srv/vault::x"),
  },
  {
    name: 'borg takes back what a later pattern leaves out: the first one that matches counts',
    outcome: 'pass',
    tree: borg(`--pattern '+ /etc/ssl/private' --pattern '- /etc/ssl/private' /srv/vault::x ${ALL}`),
  },
  {
    name: 'restic takes back with a later one',
    outcome: 'pass',
    tree: restic(`${ALL} -e '/etc/ssl/private/*' -e '!/etc/ssl/private/site.key'`),
  },
  {
    name: 'borgmatic with sections',
    outcome: 'pass',
    tree: borgmatic(
      'location:\n  source_directories: [/etc, /var/spool/cron, /var/lib/dpkg]\n  repositories: [/srv/vault]\n  exclude_patterns: ["*.bak"]\n',
    ),
  },
  {
    name: 'two jobs together',
    outcome: 'pass',
    tree: tree(job('restic -r /srv/a backup /etc /var/spool'), {
      '/etc/cron.d/two': '1 2 * * * root borg create /srv/b::x /var/lib/dpkg\n',
    }),
  },
  {
    name: 'a declared job of a tool that can not be looked into',
    outcome: 'pass',
    tree: tree({
      '/etc/nachweis/backup.d/vault.yaml':
        'name: vault\ntool: rsync\nwhat: [/etc, /var/spool/cron, /var/lib/dpkg]\nto: vault.example.org\nwhen: { outside: pulled }\nlastSuccess: { file: /x }\n',
    }),
  },
  {
    name: 'the crontabs are missing',
    outcome: 'fail',
    tree: restic('/etc /var/lib/dpkg'),
    says: ['/var/spool/cron'],
  },
  {
    name: 'the list of packages is missing',
    outcome: 'fail',
    tree: restic('/etc /var/spool/cron'),
    says: ['/var/lib/dpkg/status', 'list of the packages'],
  },
  {
    name: 'only the data is copied',
    outcome: 'fail',
    tree: restic('/srv/www'),
    says: ['/etc'],
  },
  {
    name: 'a pattern without a slash matches anywhere: ssl',
    outcome: 'fail',
    tree: restic(`${ALL} --exclude ssl`),
    says: ['/etc/ssl'],
  },
  {
    name: 'a file of patterns leaves out the keys',
    outcome: 'fail',
    tree: restic(`${ALL} --exclude-file /etc/restic/excludes`, {
      '/etc/restic/excludes': '# secrets\n\n/etc/ssl/private\n',
    }),
    says: ['/etc/ssl/private'],
  },
  {
    name: 'letters of either case',
    outcome: 'fail',
    tree: restic(`${ALL} --iexclude 'SHADOW'`),
    says: ['/etc/shadow'],
  },
  {
    name: 'borg: the star of --exclude runs over slashes',
    outcome: 'fail',
    tree: borg(`--exclude '/etc/*config' /srv/vault::x ${ALL}`),
    says: ['/etc/ssh/sshd_config'],
  },
  {
    name: 'borgmatic leaves the network out',
    outcome: 'fail',
    tree: borgmatic(
      'source_directories: [/etc, /var/spool/cron, /var/lib/dpkg]\nrepositories:\n  - path: /srv/vault\npatterns:\n  - "P pp"\n  - "- /etc/network"\n',
    ),
    says: ['/etc/network'],
  },
  {
    name: 'one file system: /etc is another one than the root',
    outcome: 'fail',
    tree: restic('--one-file-system /', mounted('/var/lib')),
    says: ['/var/lib/dpkg/status'],
  },
  {
    name: 'one file system, and the other one is named too',
    outcome: 'pass',
    tree: restic('-x / /var/lib', mounted('/var/lib')),
  },
  {
    name: 'a link out of /etc: only the link is copied',
    outcome: 'fail',
    tree: restic(ALL, { '/etc/nginx': { link: '/srv/config/nginx' }, '/srv/config/nginx/nginx.conf': '' }),
    says: ['/etc/nginx', '/srv/config/nginx'],
  },
  {
    name: 'the path that is copied is a link itself',
    outcome: 'fail',
    tree: restic('/backup-me /var/spool/cron /var/lib/dpkg', { '/backup-me': { link: '/etc' } }),
    says: ['/etc'],
  },
  {
    name: 'a link on the way to the path is followed',
    outcome: 'pass',
    tree: restic('/root-link/etc /var/spool/cron /var/lib/dpkg', { '/root-link': { link: '/' } }),
  },
  {
    name: 'a mark keeps a directory out',
    outcome: 'fail',
    tree: restic(`--exclude-if-present .nobackup ${ALL}`, { '/etc/ssl/.nobackup': '' }),
    says: ['/etc/ssl'],
  },
  {
    name: 'large files are left out, the list of packages with them',
    outcome: 'fail',
    tree: restic(`--exclude-larger-than 40 ${ALL}`),
    says: ['/var/lib/dpkg/status'],
  },
  {
    name: 'a declaration does not hide what the job itself leaves out',
    outcome: 'fail',
    tree: restic('/srv/www', {
      '/etc/nachweis/backup.d/vault.yaml':
        'name: vault\ntool: restic\nwhat: [/]\nto: /srv/vault\nwhen: { outside: x }\nlastSuccess: { file: /x }\n',
    }),
    says: ['/etc'],
  },
  {
    name: 'a path that only the operator wants',
    outcome: 'fail',
    params: { wanted: ['/etc', '/opt/app'] },
    tree: restic(ALL),
    says: ['/opt/app'],
  },
  { name: 'no job', outcome: 'not-applicable', tree: tree(), says: ['no job'] },
  {
    name: 'an account that can not read every file',
    outcome: 'unknown',
    tree: tree({
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nbackup:x:34:34::/var/backups:/bin/sh\n',
      '/etc/cron.d/backup': `30 2 * * * backup restic -r /srv/vault backup ${ALL}\n`,
    }),
    says: ['runs as backup'],
  },
  {
    name: 'the file of patterns can not be read',
    outcome: 'unknown',
    tree: restic(`${ALL} --exclude-file /etc/restic/excludes`, {
      '/etc/restic/excludes': { text: '', unreadable: 'permission denied' },
    }),
    says: ['permission denied'],
  },
  { name: 'the file of patterns is missing', outcome: 'unknown', tree: restic(`${ALL} --exclude-file /x`) },
  {
    name: 'the paths are in a variable that is set elsewhere',
    outcome: 'unknown',
    tree: restic('$WHAT'),
    says: ['variable'],
  },
  {
    name: 'resticprofile: its own configuration is not read',
    outcome: 'unknown',
    tree: tree(job('/usr/local/bin/resticprofile -n web backup'), { '/usr/local/bin/resticprofile': '' }),
    says: ['not read in full'],
  },
  {
    name: 'borgmatic includes another file',
    outcome: 'unknown',
    tree: borgmatic('<<: !include /etc/borgmatic/common.yaml\nrepositories: [/srv/vault]\n'),
  },
  {
    name: 'a regular expression that is not understood',
    outcome: 'unknown',
    tree: borg(`--exclude 're:^etc/(?!ssh)' /srv/vault::x ${ALL}`),
    says: ['not understood'],
  },
  {
    name: 'no list of packages at all',
    outcome: 'unknown',
    tree: {
      files: Object.fromEntries(
        Object.entries(restic(ALL).files).filter(([path]) => path !== '/var/lib/dpkg/status'),
      ),
    },
  },
  {
    name: 'a part of /etc can not be read',
    outcome: 'unknown',
    tree: restic(ALL, { '/etc/secret.d': { directory: true, unreadable: 'permission denied' } }),
    says: ['permission denied'],
  },
];
