/** Examples of login.console-autologin. */
import type { Example } from '../check.ts';

const GETTY =
  "[Unit]\nDescription=Getty on %I\n[Service]\nExecStart=-/sbin/agetty -o '-p -- \\\\u' --noclear - $TERM\nStandardInput=tty\n[Install]\nWantedBy=getty.target\n";
const LIB = '/usr/lib/systemd/system';
const base = {
  [`${LIB}/getty@.service`]: GETTY,
  [`${LIB}/autovt@.service`]: { link: 'getty@.service' },
  [`${LIB}/serial-getty@.service`]: GETTY,
  [`${LIB}/debug-shell.service`]: '[Service]\nExecStart=/bin/sh\nStandardInput=tty\n',
  '/etc/systemd/system/getty.target.wants/getty@tty1.service': { link: `${LIB}/getty@.service` },
};
const dropIn = (exec: string) => `[Service]\nExecStart=\nExecStart=${exec}\n`;
const with_ = (files: Example['tree']['files']): Example['tree'] => ({ files: { ...base, ...files } });

export const examples: readonly Example[] = [
  { name: 'gettys as delivered', outcome: 'pass', tree: with_({}), says: ['getty@.service'] },
  {
    name: 'autologin in comments, in another section, and reset by an empty assignment',
    outcome: 'pass',
    tree: with_({
      '/etc/systemd/system/getty@.service.d/a.conf':
        '[Service]\n#ExecStart=-/sbin/agetty -a root tty1\n[X-Old]\nExecStart=-/sbin/agetty -a root tty1\n',
      '/usr/lib/systemd/system/getty@tty1.service.d/a.conf': dropIn('-/sbin/agetty --autologin root %I'),
      '/etc/systemd/system/getty@tty1.service.d/b.conf': dropIn('-/sbin/agetty --noclear %I'),
      '/etc/gdm3/daemon.conf':
        '[daemon]\n#  AutomaticLoginEnable = true\nAutomaticLogin=anna\n[security]\nAutomaticLoginEnable=true\n',
      '/etc/lightdm/lightdm.conf': '[Seat:*]\n#autologin-user=anna\n[XDMCPServer]\nautologin-user=anna\n',
      '/etc/sddm.conf': '[Autologin]\nUser=\n',
    }),
  },
  {
    name: 'autologin in a unit that is masked',
    outcome: 'pass',
    tree: with_({
      [`${LIB}/console-getty.service`]: '[Service]\nExecStart=/sbin/agetty --autologin root console\n',
      '/etc/systemd/system/console-getty.service': { link: '/dev/null' },
      '/dev/null': { type: 'other' },
    }),
    says: ['console-getty.service'],
  },
  {
    name: 'inittab that systemd does not read; --skip-login, after which login asks',
    outcome: 'pass',
    tree: with_({
      '/sbin/init': { link: '/lib/systemd/systemd' },
      '/lib/systemd/systemd': '',
      '/etc/inittab': '1:2345:respawn:/sbin/agetty --autologin root tty1\n',
      '/etc/systemd/system/getty@tty2.service.d/a.conf': dropIn('-/sbin/agetty -n -o "-p" %I'),
    }),
  },
  {
    name: 'other credentials that the getty imports, and one that no unit lets in',
    outcome: 'pass',
    tree: with_({
      '/etc/systemd/system/serial-getty@.service.d/c.conf': '[Service]\nImportCredential=agetty.*\n',
      '/etc/credstore/agetty.issue': 'x',
      '/etc/credstore/tty.serial.ttyS0.agetty.autologin': 'root',
      '/proc/cmdline': 'systemd.set_credential=shell.prompt:x',
    }),
  },
  {
    name: '--autologin in a drop-in for one terminal',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/getty@tty1.service.d/override.conf': dropIn(
        "-/sbin/agetty -o '-p -f -- \\\\u' --noclear --autologin anna %I $TERM",
      ),
    }),
    says: ['getty@tty1.service.d/override.conf', 'anna'],
  },
  {
    name: '-a with its value attached, behind other letters, in a serial console template below /run',
    outcome: 'fail',
    tree: with_({
      '/run/systemd/system/serial-getty@.service.d/a.conf': dropIn('-/sbin/agetty -Jaroot 115200 %I'),
    }),
    says: ['root'],
  },
  {
    name: 'abbreviated option in an alias of the unit',
    outcome: 'fail',
    tree: with_({ '/etc/systemd/system/autovt@.service.d/a.conf': dropIn('/sbin/agetty --auto=root %I') }),
  },
  {
    name: 'login -f through the options of login',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/getty@tty1.service.d/a.conf': dropIn(
        '-/sbin/agetty --skip-login --login-options "-f root" %I',
      ),
    }),
    says: ['login -f'],
  },
  {
    name: 'a shell as login program',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/getty@tty1.service.d/a.conf': dropIn('-/sbin/agetty -n -l /bin/bash %I'),
    }),
  },
  {
    name: 'a shell on a terminal of openvt',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/console.service': '[Service]\nExecStart=/usr/bin/openvt -c 9 -f -- /bin/bash\n',
      '/etc/systemd/system/multi-user.target.wants/console.service': { link: '../console.service' },
    }),
    says: ['a shell without login', 'console.service'],
  },
  {
    name: 'a session of root by su',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/console.service':
        '[Service]\nExecStart=/bin/su - root\nStandardInput=tty\nTTYPath=/dev/tty9\n',
      '/etc/systemd/system/multi-user.target.wants/console.service': { link: '../console.service' },
    }),
    says: ['a shell without login', 'console.service'],
  },
  {
    name: 'a shell behind env and sh -c',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/console.service':
        "[Service]\nExecStart=/bin/sh -c 'exec env TERM=linux bash --norc'\nStandardInput=tty\nTTYPath=/dev/tty9\n",
      '/etc/systemd/system/multi-user.target.wants/console.service': { link: '../console.service' },
    }),
    says: ['a shell without login', 'console.service'],
  },
  {
    name: 'a script and a command on a terminal are no shell',
    outcome: 'pass',
    tree: with_({
      '/etc/systemd/system/console.service':
        "[Service]\nExecStart=/bin/bash /opt/board\nExecStart=/bin/sh -c '/bin/dmesg -w'\nExecStart=/bin/su -c /opt/board anna\nStandardInput=tty\nTTYPath=/dev/tty9\n",
      '/etc/systemd/system/multi-user.target.wants/console.service': { link: '../console.service' },
    }),
  },
  {
    name: 'a shell instead of a getty',
    outcome: 'fail',
    tree: with_({ '/etc/systemd/system/getty@tty1.service.d/a.conf': dropIn('-/bin/bash --login') }),
  },
  {
    name: 'a service of its own whose arguments come from its environment',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/kiosk.service':
        '[Service]\nEnvironment="ARGS=--autologin kiosk"\nExecStart=/sbin/agetty $ARGS tty3\n',
    }),
  },
  {
    name: 'inittab of sysvinit',
    outcome: 'fail',
    tree: {
      files: {
        '/etc/inittab': '#1:2:respawn:/sbin/getty tty1\n1:2345:respawn:/bin/login -f root </dev/tty1\n',
      },
    },
  },
  {
    name: 'GDM timed login',
    outcome: 'fail',
    tree: with_({
      '/etc/gdm/custom.conf': '[daemon]\nTimedLoginEnable=True\nTimedLogin=anna\nTimedLoginDelay=10\n',
    }),
  },
  {
    name: 'LightDM: a later file overrides an earlier one',
    outcome: 'fail',
    tree: with_({
      '/etc/lightdm/lightdm.conf.d/10-a.conf': '[Seat:*]\nautologin-user=\n',
      '/etc/lightdm/lightdm.conf': '[SeatDefaults]\nautologin-user=anna\n',
    }),
    says: ['lightdm.conf'],
  },
  {
    name: 'SDDM drop-in',
    outcome: 'fail',
    tree: with_({ '/etc/sddm.conf.d/auto.conf': '[Autologin]\nSession=plasma\nUser=anna\n' }),
  },
  {
    name: 'greetd with an initial session',
    outcome: 'fail',
    tree: with_({
      '/etc/greetd/config.toml':
        '[default_session]\nuser = "greeter"\n[initial_session]\ncommand = "sway"\nuser = "anna"\n',
    }),
  },
  {
    name: 'a credential on the kernel command line that the getty imports',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/getty@.service.d/c.conf': '[Service]\nImportCredential=agetty.*\n',
      '/proc/cmdline': 'ro quiet systemd.set_credential=agetty.autologin:root\n',
    }),
    says: ['agetty.autologin'],
  },
  {
    name: 'a credential for one terminal, stored on disk',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/serial-getty@.service.d/c.conf':
        '[Service]\nImportCredential=tty.serial.%I.agetty.*:agetty.\n',
      '/etc/credstore/tty.serial.ttyS0.agetty.autologin': 'root',
    }),
    says: ['/etc/credstore/tty.serial.ttyS0.agetty.autologin'],
  },
  {
    name: 'a drop-in that can not be read',
    outcome: 'unknown',
    tree: with_({ '/etc/systemd/system/getty@tty1.service.d/a.conf': { unreadable: 'permission denied' } }),
  },
  {
    name: 'a login program of unknown kind',
    outcome: 'unknown',
    tree: with_({
      '/etc/systemd/system/getty@tty1.service.d/a.conf': dropIn('-/sbin/agetty -n -l /opt/bin/menu %I'),
    }),
    says: ['/opt/bin/menu'],
  },
  {
    name: 'arguments from a file that is not part of the unit',
    outcome: 'unknown',
    tree: with_({
      '/etc/systemd/system/x.service':
        '[Service]\nEnvironmentFile=/etc/default/x\nExecStart=/sbin/agetty $ARGS tty3\n',
    }),
  },
];
