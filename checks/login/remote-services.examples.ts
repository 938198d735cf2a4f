/** Examples of login.remote-services. */
import type { Example } from '../check.ts';

type Files = Example['tree']['files'];
const LIB = '/usr/lib/systemd/system';
const WANTS = '/etc/systemd/system/multi-user.target.wants';
const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** Rows of /proc/net/tcp: address in hexadecimal as there, port, inode. */
const table = (...rows: readonly (readonly [string, number, number])[]): string =>
  HEAD +
  rows
    .map(
      ([address, port, inode], index) =>
        `   ${index}: ${address}:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`,
    )
    .join('');
const ANY = '00000000';
const LOCAL = '0100007F';

/** A process with the sockets that it holds. */
const runs = (pid: number, words: readonly string[], ...inodes: readonly number[]): Files => ({
  [`/proc/${pid}/cmdline`]: `${words.join('\0')}\0`,
  [`/proc/${pid}/status`]: `Name:\tx\nNSpid:\t${pid}\n`,
  [`/proc/${pid}/fd/0`]: { type: 'other' },
  ...Object.fromEntries(
    inodes.map((inode, index) => [`/proc/${pid}/fd/${index + 3}`, { type: 'other' as const, inode }]),
  ),
});

const base: Files = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
  [`${LIB}/ssh.service`]: '[Service]\nExecStart=/usr/sbin/sshd -D\n',
  [`${WANTS}/ssh.service`]: { link: `${LIB}/ssh.service` },
  '/usr/sbin/sshd': '',
  '/proc/self/status': 'NSpid:\t9\n',
  '/proc/net/tcp': table([ANY, 22, 100]),
  ...runs(1, ['/sbin/init'], 90),
  ...runs(700, ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'], 100),
};
const with_ = (files: Files): Example['tree'] => ({ files: { ...base, ...files } });
const service = (name: string, command: string): Files => ({
  [`${LIB}/${name}.service`]: `[Service]\nExecStart=${command}\n`,
  [`${WANTS}/${name}.service`]: { link: `${LIB}/${name}.service` },
  [command.replace(/^[-@]+/, '').split(' ')[0] ?? '']: '',
});
const inetd = (text: string): Files => ({
  ...runs(300, ['/usr/sbin/inetd', '-i'], 300),
  '/etc/inetd.conf': text,
  '/usr/sbin/in.telnetd': '',
  '/usr/sbin/tcpd': '',
});
const xinetd = (text: string): Files => ({
  ...runs(300, ['/usr/sbin/xinetd', '-stayalive'], 300),
  '/etc/xinetd.conf': 'defaults\n{\n\tlog_type = SYSLOG daemon\n}\nincludedir /etc/xinetd.d\n',
  '/etc/xinetd.d/telnet': text,
  '/usr/sbin/in.telnetd': '',
});

export const examples: readonly Example[] = [
  { name: 'a server with SSH alone', outcome: 'pass', tree: with_({}) },
  {
    name: 'services that ask: VNC with a password, a web shell with a login, mail, a log server on 514',
    outcome: 'pass',
    tree: with_({
      '/proc/net/tcp': table(
        [ANY, 22, 100],
        [ANY, 5901, 201],
        [ANY, 4200, 202],
        [ANY, 514, 203],
        [ANY, 25, 204],
      ),
      ...runs(
        201,
        ['/usr/bin/Xtigervnc', ':1', '-rfbauth', '/root/.vnc/passwd', '-SecurityTypes', 'VncAuth'],
        201,
      ),
      ...runs(202, ['/usr/bin/shellinaboxd', '-s', '/:LOGIN', '-p', '4200'], 202),
      ...runs(203, ['/usr/sbin/rsyslogd', '-n'], 203),
      ...runs(204, ['/usr/lib/postfix/sbin/master', '-w'], 204),
    }),
    says: ['Xtigervnc', 'shellinaboxd'],
  },
  {
    name: 'telnet: line switched off, server not installed, unit masked, unit not enabled',
    outcome: 'pass',
    tree: with_({
      ...inetd(
        '#telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd\n#<off># telnet stream tcp nowait root /usr/sbin/in.telnetd in.telnetd\nshell stream tcp nowait root /usr/sbin/in.rshd in.rshd\ndaytime stream tcp nowait root internal\n',
      ),
      [`${LIB}/telnet.socket`]: '[Socket]\nListenStream=23\nAccept=yes\n',
      [`${LIB}/telnet@.service`]: '[Service]\nExecStart=-/usr/sbin/in.telnetd\n',
      [`${LIB}/rlogin.socket`]: '[Socket]\nListenStream=513\n',
      '/etc/systemd/system/sockets.target.wants/rlogin.socket': { link: `${LIB}/rlogin.socket` },
      '/etc/systemd/system/rlogin.socket': { link: '/dev/null' },
      '/dev/null': { type: 'other' },
    }),
  },
  {
    name: 'inetd.conf of a system on which no inetd is started',
    outcome: 'pass',
    tree: with_({
      '/etc/inetd.conf': 'telnet stream tcp nowait root /usr/sbin/in.telnetd in.telnetd\n',
      '/usr/sbin/in.telnetd': '',
    }),
  },
  {
    name: 'xinetd: disabled in the service, or in the defaults',
    outcome: 'pass',
    tree: with_(xinetd('service telnet\n{\n\tserver = /usr/sbin/in.telnetd\n\tdisable = yes\n}\n')),
  },
  {
    name: 'X forwarding of sshd; an X server that takes no TCP connections',
    outcome: 'pass',
    tree: with_({
      '/proc/net/tcp': table([ANY, 22, 100], [LOCAL, 6010, 201]),
      ...runs(201, ['sshd: anna@pts/0'], 201),
      ...runs(202, ['/usr/lib/xorg/Xorg', ':0', '-nolisten', 'tcp']),
    }),
  },
  {
    name: 'telnet in a container is the container’s',
    outcome: 'pass',
    tree: with_({ ...runs(400, ['/usr/sbin/telnetd']), '/proc/400/status': 'NSpid:\t400\t1\n' }),
  },
  {
    name: 'trust files that hold nothing but comments and denials, or lead to /dev/null',
    outcome: 'pass',
    tree: with_({
      '/etc/hosts.equiv': '# none\n-@all\n',
      '/root/.rhosts': { link: '/dev/null' },
      '/dev/null': { type: 'other' },
    }),
  },
  {
    name: 'a telnet server runs, on an unusual port',
    outcome: 'fail',
    tree: with_({
      '/proc/net/tcp': table([ANY, 22, 100], [ANY, 2323, 201]),
      ...runs(201, ['/bin/busybox', 'telnetd', '-p', '2323', '-l', '/bin/sh'], 201),
    }),
    says: ['telnetd', '2323'],
  },
  {
    name: 'telnet by socket activation, offline',
    outcome: 'fail',
    tree: {
      live: false,
      files: {
        '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
        [`${LIB}/telnet.socket`]: '[Socket]\nListenStream=23\nAccept=yes\n',
        [`${LIB}/telnet@.service`]: '[Service]\nExecStart=-/usr/sbin/in.telnetd\nStandardInput=socket\n',
        '/etc/systemd/system/sockets.target.wants/telnet.socket': { link: `${LIB}/telnet.socket` },
        '/usr/sbin/in.telnetd': '',
      },
    },
    says: ['in.telnetd', 'telnet@.service'],
  },
  {
    name: 'telnet behind the TCP wrapper of inetd',
    outcome: 'fail',
    tree: with_(inetd('telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd\n')),
    says: ['/etc/inetd.conf', 'telnet: in.telnetd'],
  },
  {
    name: 'a shell on a port of inetd',
    outcome: 'fail',
    tree: with_({ ...inetd('4444 stream tcp nowait root /bin/sh sh -i\n'), '/bin/sh': '' }),
  },
  {
    name: 'xinetd with the switch in another letter case and brace',
    outcome: 'fail',
    tree: with_(xinetd('service telnet {\n\tdisable = NO\n\tserver = /usr/sbin/in.telnetd\n}\n')),
    says: ['/etc/xinetd.d/telnet'],
  },
  {
    name: 'VNC without authentication, one type among several',
    outcome: 'fail',
    tree: with_({
      '/proc/net/tcp': table([ANY, 22, 100], [ANY, 5901, 201]),
      ...runs(201, ['/usr/bin/Xvnc', ':1', '-SecurityTypes=VncAuth,TLSNone', '-rfbauth', '/x'], 201),
    }),
    says: ['Xvnc, TCP 5901'],
  },
  {
    name: 'x11vnc without a password in a unit',
    outcome: 'fail',
    tree: with_(service('x11vnc', '/usr/bin/x11vnc -forever -shared')),
  },
  {
    name: 'a web shell that may be written to, started through a shell',
    outcome: 'fail',
    tree: with_({
      [`${LIB}/web.service`]: "[Service]\nExecStart=/bin/sh -c 'exec /usr/bin/ttyd -p 80 -W bash'\n",
      [`${WANTS}/web.service`]: { link: `${LIB}/web.service` },
      '/usr/bin/ttyd': '',
    }),
  },
  {
    name: 'X over TCP',
    outcome: 'fail',
    tree: with_({
      '/proc/net/tcp6': table(['00000000000000000000000000000000', 6000, 201]),
      ...runs(201, ['/usr/lib/xorg/Xorg', ':0'], 201),
    }),
    says: ['TCP 6000'],
  },
  {
    name: 'a shell behind socat',
    outcome: 'fail',
    tree: with_({
      '/proc/net/tcp': table([ANY, 9000, 201]),
      ...runs(201, ['socat', 'TCP-LISTEN:9000,reuseaddr,fork', 'EXEC:/bin/bash,pty,stderr'], 201),
    }),
  },
  {
    name: 'Docker without certificates',
    outcome: 'fail',
    tree: with_({
      '/proc/net/tcp': table([ANY, 2375, 201]),
      ...runs(201, ['/usr/bin/dockerd', '-H', 'fd://', '-H', 'tcp://0.0.0.0:2375'], 201),
    }),
  },
  {
    name: 'a shell behind a socket, started by way of env',
    outcome: 'fail',
    tree: with_({
      '/usr/bin/env': '',
      '/etc/systemd/system/in.socket': '[Socket]\nListenStream=4444\nAccept=yes\n',
      '/etc/systemd/system/in@.service': '[Service]\nExecStart=-/usr/bin/env bash -i\nStandardInput=socket\n',
      '/etc/systemd/system/sockets.target.wants/in.socket': { link: '../in.socket' },
    }),
    says: ['a shell that asks for nothing'],
  },
  {
    name: "Docker's own file names a TCP socket",
    outcome: 'fail',
    tree: with_({
      '/usr/sbin/dockerd': '',
      '/etc/docker/daemon.json': '{"hosts": ["fd://", "tcp://0.0.0.0:2375"]}',
      '/usr/lib/systemd/system/docker.service': '[Service]\nExecStart=/usr/sbin/dockerd\n',
      '/etc/systemd/system/multi-user.target.wants/docker.service': {
        link: '/usr/lib/systemd/system/docker.service',
      },
    }),
    says: ['/etc/docker/daemon.json', 'TCP 2375'],
  },
  {
    name: "Docker's own file wants a certificate",
    outcome: 'pass',
    tree: with_({
      '/usr/sbin/dockerd': '',
      '/etc/docker/daemon.json': '{"hosts": ["tcp://0.0.0.0:2376"], "tlsverify": true}',
      '/usr/lib/systemd/system/docker.service': '[Service]\nExecStart=/usr/sbin/dockerd\n',
      '/etc/systemd/system/multi-user.target.wants/docker.service': {
        link: '/usr/lib/systemd/system/docker.service',
      },
    }),
  },
  {
    name: 'a .rhosts file with an entry',
    outcome: 'fail',
    tree: with_({ '/home/anna/.rhosts': '# ok\nbackup.example.org root\n' }),
    says: ['/home/anna/.rhosts', 'anna'],
  },
  {
    name: 'hosts.equiv trusts everybody',
    outcome: 'fail',
    tree: with_({ '/etc/hosts.equiv': '+\n' }),
    says: ['hosts.equiv'],
  },
  {
    name: 'open, though something else can not be read',
    outcome: 'fail',
    tree: with_({ '/etc/hosts.equiv': '+\n', '/proc/net/tcp': { unreadable: 'EIO' } }),
  },
  {
    name: 'a program that is not known listens on the port of telnet',
    outcome: 'unknown',
    tree: with_({ '/proc/net/tcp': table([ANY, 23, 201]), ...runs(201, ['/opt/honeypot/pot'], 201) }),
    says: ['TCP 23', 'pot'],
  },
  {
    name: 'VNC without authentication on the loopback address',
    outcome: 'unknown',
    tree: with_({
      '/proc/net/tcp': table([ANY, 22, 100], [LOCAL, 5901, 201]),
      ...runs(201, ['/usr/bin/Xvnc', ':1', '-SecurityTypes', 'None', '-localhost'], 201),
    }),
  },
  {
    name: 'a home directory that can not be looked into',
    outcome: 'unknown',
    tree: with_({ '/home/anna/.rhosts': { unreadable: 'ESTALE' } }),
  },
  {
    name: 'the table of sockets can not be read',
    outcome: 'unknown',
    tree: with_({ '/proc/net/tcp': { unreadable: 'EIO' } }),
  },
];
