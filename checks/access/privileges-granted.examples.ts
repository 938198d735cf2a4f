/** Examples of access.privileges-granted. */
import type { Privilege } from '../../shared/grant.ts';
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';
import { grant, hostWith, hostWithoutPolicy, NOW, passwdWith } from './grants.examples.ts';

const SUDO = 'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n';
const sudoers = (
  text: string,
  more: Readonly<Record<string, Node>> = {},
): Readonly<Record<string, Node>> => ({
  '/usr/bin/sudo': { text: '\u007fELF\0sudo_plugin\x001.9.13p3\0', mode: 0o4755 },
  '/proc/sys/kernel/hostname': 'web1\n',
  '/etc/sudoers': { text, mode: 0o440 },
  ...more,
});
const groups = (more: string): Readonly<Record<string, Node>> => ({
  '/etc/group': `root:x:0:\nadm:x:4:syslog\nsyslog:x:104:\nbackup:x:34:\nanna:x:1000:\n${more}\n`,
  '/etc/passwd': passwdWith(
    'syslog:x:104:104::/:/usr/sbin/nologin\njenkins:x:990:990::/srv:/usr/sbin/nologin',
  ),
});
const su = (line: string): Readonly<Record<string, Node>> => ({
  '/etc/pam.d/su': `auth sufficient pam_rootok.so\n${line}\nauth required pam_unix.so\naccount required pam_unix.so\n`,
});
const POLKIT = { '/usr/lib/polkit-1/polkitd': { text: '', mode: 0o755 } };
const rules = (body: string): Readonly<Record<string, Node>> => ({
  '/etc/polkit-1/rules.d/10-ops.rules': `polkit.addRule(function(action, subject) {\n  ${body}\n});\n`,
});
const annas = (...privileges: Privilege[]) => grant(['anna'], { privileges });

export const examples: readonly Example[] = [
  {
    name: 'nobody but root, as delivered; syslog reads logs',
    outcome: 'pass',
    tree: hostWith([], { ...sudoers(SUDO), ...groups('sudo:x:27:\nshadow:x:42:') }),
    says: ['no account but root'],
  },
  {
    name: 'a member of sudo with a grant',
    outcome: 'pass',
    tree: hostWith([annas('sudo')], { ...sudoers(SUDO), ...groups('sudo:x:27:anna') }),
    says: ['anna: group sudo; a.muster (provider)', 'anna: sudo: ALL'],
  },
  {
    name: 'root covers all others',
    outcome: 'pass',
    tree: hostWith([annas('root')], { ...sudoers(SUDO), ...groups('docker:x:27:anna\nshadow:x:42:anna') }),
  },
  {
    name: 'a rule for single commands, granted as such',
    outcome: 'pass',
    tree: hostWith([annas('sudo-commands')], sudoers('anna ALL=(root) /usr/bin/systemctl reload nginx\n')),
  },
  {
    name: 'a rule that ends as another account is no way to root',
    outcome: 'pass',
    tree: hostWith([], sudoers('anna ALL=(backup) ALL\n')),
  },
  { name: 'no sudo here', outcome: 'pass', tree: hostWith([]) },
  {
    name: 'pam_group puts an account into a powerful group at login',
    outcome: 'fail',
    tree: hostWith([], {
      '/etc/pam.d/login': 'auth optional pam_group.so\nauth required pam_unix.so\n',
      '/etc/security/group.conf': '# docker\nlogin;*;anna|gone;Al0000-2400;floppy, docker\n',
    }),
    says: ['anna: group docker from pam_group', '"line":2'],
  },
  {
    name: 'pam_group with a pattern that is not understood',
    outcome: 'unknown',
    tree: hostWith([], {
      '/etc/pam.d/login': 'auth optional pam_group.so\n',
      '/etc/security/group.conf': '*;*;!%guests;Al0000-2400;docker\n',
    }),
    says: ['*: group docker'],
  },
  {
    name: 'rules of pam_group that no service asks for',
    outcome: 'pass',
    tree: hostWith([], {
      '/etc/pam.d/login': '# auth optional pam_group.so\nauth required pam_unix.so\n',
      '/etc/security/group.conf': '*;*;anna;Al0000-2400;docker\n',
    }),
  },
  {
    name: 'only gshadow knows the member: older newgrp lets them in',
    outcome: 'unknown',
    tree: hostWith([], { ...groups('docker:x:998:'), '/etc/gshadow': 'docker:!::anna\n' }),
    says: ['/etc/gshadow', 'anna: may change to group docker'],
  },
  {
    name: 'the administrator of a group may add themselves',
    outcome: 'fail',
    tree: hostWith([], { ...groups('docker:x:998:'), '/etc/gshadow': 'docker:!:anna:\n' }),
    says: ['anna: administrator of group docker'],
  },
  {
    name: 'gshadow repeats a member who is granted',
    outcome: 'pass',
    tree: hostWith([annas('docker')], {
      ...groups('docker:x:998:anna'),
      '/etc/gshadow': 'docker:!::anna\n',
    }),
  },
  {
    name: 'a script of pam_exec, and variables of a service',
    outcome: 'fail',
    tree: hostWith([], {
      '/etc/pam.d/sshd': 'session optional pam_exec.so seteuid /opt/notify\n',
      '/opt/notify': { text: '', uid: 1000, mode: 0o755 },
      '/etc/systemd/system/app.service': '[Service]\nEnvironmentFile=-/opt/app.env\nExecStart=/bin/true\n',
      '/opt/app.env': { text: '', uid: 1000 },
    }),
    says: ['/opt/notify', '/opt/app.env'],
  },
  {
    name: 'what rc.local calls',
    outcome: 'fail',
    tree: hostWith([], {
      '/etc/rc.local': { text: '#!/bin/sh\n/opt/start &\n', mode: 0o755 },
      '/opt/start': { text: '', uid: 1000, mode: 0o755 },
    }),
    says: ['/opt/start'],
  },
  {
    name: 'a library that every program loads',
    outcome: 'fail',
    tree: hostWith([], {
      '/etc/ld.so.preload': '# audit\n/opt/audit.so\n',
      '/opt/audit.so': { text: '', uid: 1000 },
    }),
    says: ['/opt/audit.so', 'anna: can write it'],
  },
  {
    name: 'a directory of libraries',
    outcome: 'fail',
    tree: hostWith([], {
      '/etc/ld.so.conf.d/vendor.conf': '/opt/vendor/lib\n',
      '/opt/vendor/lib': { directory: true, uid: 1000 },
    }),
    says: ['/opt/vendor/lib', 'anna: can write it'],
  },
  {
    name: 'units of every manager, where everybody can put some',
    outcome: 'fail',
    tree: hostWith([], { '/etc/systemd/user': { directory: true, mode: 0o777 } }),
    says: ['/etc/systemd/user', '*: can write it'],
  },
  {
    name: 'a file of logrotate, whose scripts root runs',
    outcome: 'fail',
    tree: hostWith([], { '/etc/logrotate.d/app': { text: '', uid: 1000 } }),
    says: ['/etc/logrotate.d/app'],
  },
  {
    name: 'a copy of a shell under another name',
    outcome: 'fail',
    tree: hostWith([], {
      '/usr/bin/bash': { text: 'shell', mode: 0o755 },
      '/usr/local/sbin/monitor': { text: 'shell', mode: 0o4755 },
    }),
    says: ['/usr/local/sbin/monitor', '*: may start it with setuid root'],
  },
  {
    name: 'a shell with the rights of a powerful group',
    outcome: 'fail',
    tree: hostWith([], {
      ...groups('shadow:x:42:'),
      '/usr/local/bin/dash': { text: 'shell', gid: 42, mode: 0o2755 },
    }),
    says: ['/usr/local/bin/dash', '*: may start it with setgid shadow'],
  },
  {
    name: 'another program with setuid below /usr/local is no shell; nor is a shell of a harmless group',
    outcome: 'pass',
    tree: {
      ...hostWith([], {
        ...groups('games:x:60:'),
        '/usr/local/bin/su': { text: 'other', mode: 0o4755 },
        '/usr/bin/bash': { text: 'shell', gid: 60, mode: 0o2755 },
      }),
      live: true,
      commands: { '/usr/sbin/getcap /usr/bin/bash': '' },
    },
  },
  {
    name: 'the socket of Docker belongs to a group of another name',
    outcome: 'fail',
    tree: hostWith([], {
      ...groups('builders:x:998:anna'),
      '/run/docker.sock': { type: 'other', gid: 998, mode: 0o660 },
    }),
    says: ['anna: may start containers; no grant', 'with privilege docker'],
  },
  {
    name: 'the socket of Docker is open to everybody',
    outcome: 'fail',
    tree: hostWith([], { '/run/docker.sock': { type: 'other', mode: 0o666 } }),
    says: ['*: may start containers'],
  },
  {
    name: 'the socket of Docker belongs to root',
    outcome: 'pass',
    tree: hostWith([], { '/run/docker.sock': { type: 'other', mode: 0o660 } }),
  },
  {
    name: 'an engine whose socket unit leaves the mode at its default',
    outcome: 'fail',
    tree: hostWith([], {
      '/usr/lib/systemd/system/docker.socket': '[Socket]\nListenStream=/run/docker.sock\n',
      '/etc/systemd/system/sockets.target.wants/docker.socket': {
        link: '/usr/lib/systemd/system/docker.socket',
      },
    }),
    says: ['*: may start containers', 'docker.socket'],
  },
  {
    name: 'the group in the file of the daemon',
    outcome: 'fail',
    tree: hostWith([], {
      ...groups('builders:x:998:anna'),
      '/usr/bin/dockerd': '',
      '/etc/docker/daemon.json': '{"group": "builders"}',
    }),
    says: ['anna: may start containers', 'daemon.json'],
  },
  {
    name: 'a rule of doas without a grant',
    outcome: 'fail',
    tree: hostWith([], {
      '/usr/bin/doas': { text: '', mode: 0o4755 },
      '/etc/doas.conf': 'permit persist anna\n',
    }),
    says: ['anna: doas: ALL; no grant', 'with privilege sudo'],
  },
  {
    name: 'by doas to a service that is in the container group',
    outcome: 'fail',
    tree: hostWith([grant(['jenkins'], { privileges: ['docker'] })], {
      ...groups('docker:x:998:jenkins'),
      '/usr/bin/doas': { text: '', mode: 0o4755 },
      '/etc/doas.conf': 'permit anna as jenkins\n',
    }),
    says: ['anna: doas: ALL; no grant'],
  },
  {
    name: 'a member of docker without a grant',
    outcome: 'fail',
    tree: hostWith([annas('sudo')], groups('docker:x:998:anna')),
    says: ['anna: group docker; no grant', 'with privilege docker'],
  },
  {
    name: 'by way of a service that is in the container group',
    outcome: 'fail',
    tree: hostWith([grant(['jenkins'], { privileges: ['docker'] })], {
      ...groups('docker:x:998:jenkins'),
      ...sudoers('anna ALL=(jenkins) ALL\n'),
    }),
    says: ['anna: sudo: ALL; no grant', '/etc/sudoers'],
  },
  {
    name: 'over two accounts that sudo leads through',
    outcome: 'fail',
    tree: hostWith([grant(['jenkins', 'backup'], { privileges: ['docker', 'sudo'] })], {
      ...groups('docker:x:998:jenkins'),
      ...sudoers('anna ALL=(backup) ALL\nbackup ALL=(jenkins) ALL\n'),
    }),
    says: ['anna: sudo: ALL; no grant'],
  },
  {
    name: 'a service in the container group',
    outcome: 'fail',
    tree: hostWith([], groups('docker:x:998:jenkins')),
    says: ['jenkins'],
  },
  {
    name: 'by primary group',
    outcome: 'fail',
    tree: hostWith([], { ...groups('disk:x:6:'), '/etc/passwd': passwdWith('otto:x:1001:6::/:/bin/sh') }),
    says: ['otto: group disk'],
  },
  {
    name: 'a second account with UID 0',
    outcome: 'fail',
    tree: hostWith([annas('sudo')], { '/etc/passwd': passwdWith('toor:x:0:0::/root:/bin/sh') }),
    says: ['toor: UID 0'],
  },
  {
    name: 'all commands, where only some are granted',
    outcome: 'fail',
    tree: hostWith([annas('sudo-commands')], sudoers('anna ALL=(ALL) NOPASSWD: ALL\n')),
    says: ['/etc/sudoers'],
  },
  {
    name: 'a rule in a drop-in',
    outcome: 'fail',
    tree: hostWith(
      [],
      sudoers(`${SUDO}@includedir /etc/sudoers.d\n`, {
        '/etc/sudoers.d/90-anna': { text: 'anna ALL=(root) /usr/bin/vi /etc/hosts\n', mode: 0o440 },
      }),
    ),
    says: ['/etc/sudoers.d/90-anna', 'anna: sudo: /usr/bin/vi'],
  },
  {
    name: 'the grant ends at this instant',
    outcome: 'fail',
    tree: hostWith([grant(['anna'], { privileges: ['sudo'], until: NOW })], groups('wheel:x:10:anna')),
  },
  {
    name: 'the account is granted, the privilege is not',
    outcome: 'fail',
    tree: hostWith([grant(['anna'])], groups('lxd:x:10:anna')),
  },
  {
    name: 'a unit file that an account can write',
    outcome: 'fail',
    tree: hostWith([annas('sudo')], {
      '/etc/systemd/system/job.service': { text: '', uid: 1000, mode: 0o644 },
    }),
    says: ['anna: can write it', 'with privilege units'],
  },
  {
    name: 'a drop-in that a group can write, and a script of cron that everybody can',
    outcome: 'fail',
    tree: hostWith([annas('root')], {
      ...groups('ops:x:900:jenkins'),
      '/etc/systemd/system/ssh.service.d/x.conf': { text: '', gid: 900, mode: 0o664 },
      '/etc/cron.daily/job': { text: '', mode: 0o777 },
    }),
    says: ['jenkins: can write it', '*: can write it'],
  },
  {
    name: 'an entry in the ACL of a script of cron',
    outcome: 'fail',
    tree: hostWith([], { '/etc/cron.daily/job': { text: '', mode: 0o775, acl: ['user:1000:rwx'] } }),
    says: ['/etc/cron.daily/job', 'anna: can write it', 'with privilege cron'],
  },
  {
    name: 'programs that services and jobs of root name, and the directory above one',
    outcome: 'fail',
    tree: hostWith([], {
      ...groups('ops:x:900:jenkins'),
      '/usr/sbin/cron': { text: '', mode: 0o755 },
      '/etc/systemd/system/multi-user.target.wants/cron.service': {
        link: '/lib/systemd/system/cron.service',
      },
      '/lib/systemd/system/cron.service': '[Service]\nExecStart=/usr/sbin/cron -f\n',
      '/lib/systemd/system/app.service': '[Service]\nExecStart=/opt/app/bin/run --all\n',
      '/opt/app/bin/run': { text: '', mode: 0o755, uid: 1000 },
      '/etc/cron.d/job': '0 3 * * * root cd /srv/job && ./run.sh\n',
      '/srv/job/run.sh': { text: '', mode: 0o755 },
      '/srv/job': { directory: true, mode: 0o775, gid: 900 },
    }),
    says: ['/opt/app/bin/run', 'anna: can write it', '/srv/job', 'jenkins: can write it'],
  },
  {
    name: 'what decides about root: PAM, and a directory of its PATH',
    outcome: 'fail',
    tree: hostWith([annas('cron', 'units')], {
      '/etc/pam.d/common-auth': { text: '', uid: 1000 },
      '/usr/local/bin': { directory: true, mode: 0o777 },
    }),
    says: ['anna: can write it, root goes by it', '*: can write it', 'with privilege root'],
  },
  {
    name: 'programs of other accounts, a file that sudo ignores, and a directory that nobody can replace files in',
    outcome: 'pass',
    tree: hostWith([], {
      '/lib/systemd/system/app.service': '[Service]\nUser=anna\nExecStart=/home/anna/run\n',
      '/home/anna/run': { text: '', mode: 0o755, uid: 1000 },
      '/etc/sudoers.d/own': { text: '', mode: 0o440, uid: 1000 },
      '/lib/systemd/system/shared.service': '[Service]\nExecStart=/shared/run\n',
      '/shared': { directory: true, mode: 0o1777 },
      '/shared/run': { text: '', mode: 0o755 },
    }),
  },
  {
    name: 'a shell that everybody starts as root',
    outcome: 'fail',
    tree: hostWith([annas('root')], { '/usr/local/bin/bash': { text: '', mode: 0o4755 } }),
    says: ['/usr/local/bin/bash', '*: may start it with setuid root', 'with privilege capabilities'],
  },
  {
    name: 'an interpreter with a capability, for one group',
    outcome: 'fail',
    tree: {
      ...hostWith([], {
        ...groups('ops:x:900:jenkins'),
        '/usr/bin/python3': { link: 'python3.11' },
        '/usr/bin/python3.11': { text: '', mode: 0o750, gid: 900 },
      }),
      live: true,
      commands: {
        '/usr/sbin/getcap /usr/bin/python3.11': '/usr/bin/python3.11 cap_net_bind_service,cap_setuid=ep\n',
      },
    },
    says: ['jenkins: may start it with cap_setuid'],
  },
  {
    name: 'su without a password for a group',
    outcome: 'fail',
    tree: hostWith([annas('sudo')], {
      ...groups('ops:x:900:anna'),
      ...su('auth sufficient pam_wheel.so trust group=ops'),
    }),
    says: ['/etc/pam.d/su', 'anna: su to root without a proof', 'with privilege su'],
  },
  {
    name: 'su kept for a group, of which one has no grant',
    outcome: 'fail',
    tree: hostWith([annas('su')], {
      ...groups('ops:x:900:anna,jenkins'),
      ...su('auth required pam_wheel.so use_uid group=ops'),
    }),
    says: ['jenkins: su to root, by group ops'],
  },
  {
    name: 'polkit says yes to a group, and to everybody',
    outcome: 'fail',
    tree: hostWith([], {
      ...groups('ops:x:900:anna'),
      ...POLKIT,
      ...rules(
        'if (action.id.indexOf("org.freedesktop.systemd1.") == 0 && subject.isInGroup("ops")) { return polkit.Result.YES; }',
      ),
      '/etc/polkit-1/rules.d/20-all.rules':
        'polkit.addRule((a, s) => { if (a.id != "x.y" && s.local) return polkit.Result.YES; });',
    }),
    says: ['anna: polkit says yes', '*: polkit says yes', 'with privilege polkit'],
  },
  {
    name: 'administrators of polkit, and a file of the old kind',
    outcome: 'fail',
    tree: hostWith([], {
      ...groups('ops:x:900:jenkins'),
      ...POLKIT,
      '/usr/bin/pkla-check-authorization': { text: '', mode: 0o755 },
      '/etc/polkit-1/rules.d/40-ops.rules':
        'polkit.addAdminRule(function(action, subject) {\n  return ["unix-group:ops", "unix-group:sudo"];\n});\n',
      '/etc/polkit-1/localauthority/50-local.d/ops.pkla':
        '[all]\nIdentity=unix-user:anna\nAction=org.freedesktop.policykit.exec\nResultAny=no\nResultActive=yes\n',
    }),
    says: ['jenkins: administrator to polkit', 'anna: polkit says yes', '"line":5'],
  },
  {
    name: 'polkit says yes to what makes nobody root, to whom sudo is granted, and to services of the vendor',
    outcome: 'pass',
    tree: hostWith([annas('sudo')], {
      ...groups('sudo:x:27:anna'),
      ...POLKIT,
      ...rules(
        'if (action.id == "org.freedesktop.login1.reboot") return polkit.Result.YES; if (action.id == "org.freedesktop.systemd1.manage-units" && action.lookup("unit") == "web.service" && subject.user == "jenkins") return polkit.Result.YES; if (subject.isInGroup("sudo")) return polkit.Result.YES;',
      ),
      '/usr/share/polkit-1/rules.d/50-default.rules':
        'polkit.addAdminRule(function(action, subject) {\n  return ["unix-group:sudo"];\n});\n',
      '/usr/share/polkit-1/rules.d/jenkins.rules':
        'polkit.addRule(function(action, subject) {\n  if (subject.user != "jenkins") return polkit.Result.NOT_HANDLED;\n  return polkit.Result.YES;\n});\n',
    }),
  },
  {
    name: 'su where everybody may try, where root has no password, and for whom sudo is granted',
    outcome: 'pass',
    tree: hostWith([annas('sudo')], {
      ...groups('sudo:x:27:anna\nops:x:900:anna,jenkins'),
      ...su('#auth required pam_wheel.so\nauth required pam_wheel.so use_uid group=ops'),
      '/etc/shadow': 'root:*:20000:0:99999:7:::\n',
    }),
  },
  {
    name: 'a cron table whose writer is granted it, and a masked unit',
    outcome: 'pass',
    tree: hostWith([annas('cron')], {
      '/etc/cron.d/job': { text: '', uid: 1000, mode: 0o644 },
      '/etc/systemd/system/x.service': { link: '/dev/null' },
      '/dev/null': { type: 'other', mode: 0o666 },
    }),
  },
  {
    name: 'unit files can not be looked at',
    outcome: 'unknown',
    tree: hostWith([], { '/etc/systemd/system': { directory: true, unreadable: 'input/output error' } }),
  },
  {
    name: 'no policy has come',
    outcome: 'unknown',
    tree: hostWithoutPolicy,
    says: ['no register of grants'],
  },
  {
    name: 'rules with a mistake',
    outcome: 'unknown',
    tree: hostWith([], sudoers(`${SUDO}anna ALL=(ALL\n`)),
  },
  {
    name: 'rules that can not be read',
    outcome: 'unknown',
    tree: hostWith([], sudoers('', { '/etc/sudoers': { unreadable: 'permission denied' } })),
  },
  {
    name: 'a rule of polkit that answers yes to nobody knows whom',
    outcome: 'unknown',
    tree: hostWith([], {
      '/etc/polkit-1/rules.d/10-ops.rules':
        '// returns YES\npolkit.addRule(function(action, subject) {\n  for (var i in people) if (subject.user == people[i]) return polkit.Result.YES;\n});\n',
    }),
    says: ['"line":3'],
  },
  {
    name: 'a rule of polkit where there is no polkit to be seen',
    outcome: 'unknown',
    tree: hostWith([], rules('if (subject.user == "anna") return polkit.Result.YES;')),
    says: ['anna: polkit says yes'],
  },
  {
    name: 'by way of somebody whose own way is not certain',
    outcome: 'unknown',
    tree: hostWith([grant(['jenkins'], { privileges: ['polkit'] })], {
      ...groups('ops:x:900:'),
      ...sudoers('anna ALL=(jenkins) ALL\n'),
      ...rules('if (subject.user == "jenkins" && ready) return polkit.Result.YES;'),
    }),
    says: ['anna: sudo: ALL; no grant'],
  },
  {
    name: 'capabilities can not be asked for',
    outcome: 'unknown',
    tree: hostWith([], { '/usr/bin/bash': { text: '', mode: 0o755 } }),
    says: ['getcap'],
  },
  {
    name: 'members may try su, and whether root has a password can not be read',
    outcome: 'unknown',
    tree: hostWith([], {
      ...groups('ops:x:900:anna'),
      ...su('auth required pam_wheel.so use_uid group=ops'),
      '/etc/shadow': { unreadable: 'permission denied' },
    }),
  },
  {
    name: 'accounts of a directory',
    outcome: 'unknown',
    tree: hostWith([], { '/etc/nsswitch.conf': 'passwd: files sss\n' }),
  },
];
