/** Examples of login.auth-logged. */
import type { Example } from '../check.ts';

const LIB = '/usr/lib/systemd/system';
const WANTS = '/etc/systemd/system/multi-user.target.wants';
const base = {
  [`${LIB}/systemd-journald.service`]: '[Service]\nExecStart=/usr/lib/systemd/systemd-journald\n',
  '/var/log/wtmp': '',
};
const JOURNAL = { '/var/log/journal': { directory: true as const } };
const RSYSLOG = {
  '/usr/sbin/rsyslogd': '',
  [`${LIB}/rsyslog.service`]: '[Service]\nExecStart=/usr/sbin/rsyslogd -n\n',
  [`${WANTS}/rsyslog.service`]: { link: `${LIB}/rsyslog.service` },
};
const tree = (files: Example['tree']['files']): Example['tree'] => ({ files: { ...base, ...files } });

export const examples: readonly Example[] = [
  { name: 'journal with its directory', outcome: 'pass', tree: tree(JOURNAL), says: ['/var/log/journal'] },
  {
    name: 'journal told to be persistent by a drop-in; wtmpdb in place of wtmp',
    outcome: 'pass',
    tree: {
      files: {
        [`${LIB}/systemd-journald.service`]: base[`${LIB}/systemd-journald.service`] ?? '',
        '/usr/lib/systemd/journald.conf.d/a.conf': '[Journal]\nStorage=persistent\n',
        '/var/lib/wtmpdb/wtmp.db': 'x',
      },
    },
  },
  {
    name: 'rsyslog of Debian',
    outcome: 'pass',
    tree: tree({
      ...RSYSLOG,
      '/etc/rsyslog.conf':
        '$FileCreateMode 0640\nmodule(load="imuxsock")\nauth,authpriv.*\t\t\t/var/log/auth.log\n*.*;auth,authpriv.none\t\t-/var/log/syslog\n',
    }),
    says: ['/var/log/auth.log'],
  },
  {
    name: 'rsyslog of RHEL: auth goes to messages, authpriv to secure',
    outcome: 'pass',
    tree: tree({
      ...RSYSLOG,
      '/etc/rsyslog.d/a.conf':
        '*.info;mail.none;authpriv.none;cron.none /var/log/messages\nauthpriv.* /var/log/secure\n',
    }),
  },
  {
    name: 'auditd installed and started',
    outcome: 'pass',
    tree: tree({
      ...JOURNAL,
      '/usr/sbin/auditd': '',
      [`${LIB}/auditd.service`]: '[Service]\nExecStart=/usr/sbin/auditd\n',
      [`${WANTS}/auditd.service`]: { link: `${LIB}/auditd.service` },
    }),
  },
  { name: 'journal in memory alone, no other logger', outcome: 'fail', tree: tree({}), says: ['is missing'] },
  {
    name: 'journal told to be volatile, though the directory is there',
    outcome: 'fail',
    tree: tree({
      ...JOURNAL,
      '/etc/systemd/journald.conf': '[Journal]\n#Storage=persistent\nStorage=volatile\n',
    }),
    says: ['volatile'],
  },
  {
    name: 'a later drop-in overrides the main file',
    outcome: 'fail',
    tree: tree({
      ...JOURNAL,
      '/etc/systemd/journald.conf': '[Journal]\nStorage=persistent\n',
      '/etc/systemd/journald.conf.d/z.conf': '[Journal]\nStorage=none\n',
    }),
  },
  {
    name: 'the journal keeps warnings only',
    outcome: 'fail',
    tree: tree({ ...JOURNAL, '/etc/systemd/journald.conf': '[Journal]\nMaxLevelStore=warning\n' }),
    says: ['MaxLevelStore'],
  },
  {
    name: 'rsyslog leaves authpriv out',
    outcome: 'fail',
    tree: tree({
      ...RSYSLOG,
      '/etc/rsyslog.conf':
        '#authpriv.* /var/log/secure\n*.info;authpriv.none /var/log/messages\nauthpriv.* /dev/console\n',
    }),
    says: ['authpriv'],
  },
  {
    name: 'rsyslog is installed and not started',
    outcome: 'fail',
    tree: tree({
      '/usr/sbin/rsyslogd': '',
      [`${LIB}/rsyslog.service`]: '[Service]\nExecStart=/usr/sbin/rsyslogd -n\n',
      '/etc/rsyslog.conf': 'auth,authpriv.* /var/log/auth.log\n',
    }),
  },
  {
    name: 'no record of logins',
    outcome: 'fail',
    tree: { files: { [`${LIB}/x.service`]: '[Service]\nExecStart=/x\n', ...JOURNAL } },
    says: ['no record of logins'],
  },
  {
    name: 'auditd installed and masked',
    outcome: 'fail',
    tree: tree({
      ...JOURNAL,
      '/usr/sbin/auditd': '',
      '/etc/systemd/system/auditd.service': { link: '/dev/null' },
      '/dev/null': { type: 'other' },
    }),
  },
  {
    name: 'rsyslog in its script language',
    outcome: 'unknown',
    tree: tree({
      ...RSYSLOG,
      '/etc/rsyslog.conf':
        'if $syslogfacility-text == \'authpriv\' then { action(type="omfile" file="/x") }\n',
    }),
  },
  {
    name: 'journald.conf is a FIFO',
    outcome: 'unknown',
    tree: tree({ '/etc/systemd/journald.conf': { type: 'other' } }),
  },
  {
    name: 'no systemd and no logger that is known',
    outcome: 'unknown',
    tree: { files: { '/var/log/wtmp': '' } },
  },
];
