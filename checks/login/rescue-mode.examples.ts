/** Examples of login.rescue-mode. */
import type { Example } from '../check.ts';

const LIB = '/usr/lib/systemd/system';
const shell = (mode: string) =>
  `[Unit]\nDescription=${mode}\n[Service]\nEnvironment=HOME=/root\nExecStartPre=-/bin/plymouth --wait quit\nExecStart=-/usr/lib/systemd/systemd-sulogin-shell ${mode}\nType=idle\n`;
const base = {
  [`${LIB}/rescue.service`]: shell('rescue'),
  [`${LIB}/emergency.service`]: shell('emergency'),
  [`${LIB}/debug-shell.service`]:
    '[Service]\nExecStart=/bin/bash\nStandardInput=tty\n[Install]\nWantedBy=sysinit.target\n',
  [`${LIB}/sysinit.target`]: '[Unit]\nWants=local-fs.target\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/shadow': 'root:$y$j9T$abcdefgh$0123456789012345678901234567890123456789012:20000:0:99999:7:::\n',
  '/proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet init=/sbin/init\n',
};
const UBUNTU = 'ID=ubuntu\nVERSION_ID="24.04"\nID_LIKE=debian\n';
const LOCKED = 'root:!:20000:0:99999:7:::\n';
const with_ = (files: Example['tree']['files'], rest: Partial<Example['tree']> = {}): Example['tree'] => ({
  files: { ...base, ...files },
  ...rest,
});
const grub = (options: string) =>
  `menuentry 'Debian' {\n\tlinux\t/vmlinuz root=UUID=1 ro ${options}\n\tinitrd /initrd\n}\n# linux /vmlinuz init=/bin/sh\n`;

export const examples: readonly Example[] = [
  {
    name: 'as delivered, root with a password',
    outcome: 'pass',
    tree: with_({}),
    says: ['root has a password'],
  },
  {
    name: 'root locked: sulogin opens nothing',
    outcome: 'pass',
    tree: with_({ '/etc/shadow': LOCKED }),
    says: ['root is locked'],
  },
  {
    name: 'Ubuntu, and root has a password',
    outcome: 'pass',
    tree: with_({ '/etc/os-release': UBUNTU }),
  },
  {
    name: 'force, and root has a password, which is asked for then',
    outcome: 'pass',
    tree: with_({
      '/etc/systemd/system/rescue.service.d/a.conf': '[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\n',
    }),
  },
  {
    name: 'force in a comment, switched off, in another section, and reset by a later drop-in',
    outcome: 'pass',
    tree: with_({
      '/etc/shadow': LOCKED,
      '/etc/systemd/system/rescue.service.d/a.conf':
        '[Service]\n#Environment=SYSTEMD_SULOGIN_FORCE=1\nEnvironment=SYSTEMD_SULOGIN_FORCE=0\n[X-Old]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\n',
      '/usr/lib/systemd/system/emergency.service.d/a.conf':
        '[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\n',
      '/etc/systemd/system/emergency.service.d/b.conf': '[Service]\nEnvironment=\n',
    }),
  },
  {
    name: 'debug shell masked, though the kernel asks for it; parameters behind -- and switched off',
    outcome: 'pass',
    tree: with_({
      '/etc/systemd/system/debug-shell.service': { link: '/dev/null' },
      '/dev/null': { type: 'other' },
      '/proc/cmdline': 'ro systemd.debug_shell rd.systemd.debug_shell=0 -- init=/bin/sh\n',
    }),
  },
  {
    name: 'recovery entries of GRUB, which end in sulogin',
    outcome: 'pass',
    tree: with_({
      '/boot/grub/grub.cfg': grub('single'),
      '/etc/default/grub': '#GRUB_CMDLINE_LINUX="rd.break"\n',
    }),
  },
  {
    name: 'the kernel of a container is not its own',
    outcome: 'pass',
    tree: with_({ '/run/systemd/container': 'systemd-nspawn', '/proc/cmdline': 'init=/bin/sh\n' }),
  },
  {
    name: 'force in a drop-in, and root is locked',
    outcome: 'fail',
    tree: with_({
      '/etc/shadow': LOCKED,
      '/etc/systemd/system/rescue.service.d/a.conf':
        '[Service]\nEnvironment="A=b" SYSTEMD_SULOGIN_FORCE=yes\n',
    }),
    says: ['rescue.service.d/a.conf', 'SYSTEMD_SULOGIN_FORCE'],
  },
  {
    name: 'force in the default environment of systemd, and root has no usable password',
    outcome: 'fail',
    tree: with_({
      '/etc/shadow': 'root:*:20000:0:99999:7:::\n',
      '/etc/systemd/system.conf.d/a.conf': '[Manager]\nDefaultEnvironment=SYSTEMD_SULOGIN_FORCE=1\n',
    }),
  },
  {
    name: 'sulogin --force in a unit of one’s own making',
    outcome: 'fail',
    tree: with_({
      '/etc/shadow': LOCKED,
      '/etc/systemd/system/rescue.service':
        '[Service]\nExecStart=-/bin/sh -c "/sbin/sulogin --force; systemctl default"\n',
    }),
    says: ['sulogin --force'],
  },
  {
    name: 'root has an empty password',
    outcome: 'fail',
    tree: with_({ '/etc/shadow': 'root::20000:0:99999:7:::\n' }),
    says: ['empty password'],
  },
  {
    name: 'a bare shell in a drop-in',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/emergency.service.d/a.conf': '[Service]\nExecStart=\nExecStart=-/bin/bash\n',
    }),
    says: ['/bin/bash'],
  },
  {
    name: 'the debug shell is enabled',
    outcome: 'fail',
    tree: with_({
      '/etc/systemd/system/sysinit.target.wants/debug-shell.service': { link: `${LIB}/debug-shell.service` },
    }),
    says: ['sysinit.target.wants/debug-shell.service'],
  },
  {
    name: 'a target pulls the debug shell in by a setting',
    outcome: 'fail',
    tree: with_({ '/etc/systemd/system/sysinit.target.d/a.conf': '[Unit]\nWants=debug-shell.service\n' }),
  },
  {
    name: 'somebody has started the debug shell by hand',
    outcome: 'fail',
    tree: with_({ '/sys/fs/cgroup/system.slice/debug-shell.service/cgroup.procs': '812\n' }),
    says: ['/sys/fs/cgroup/system.slice/debug-shell.service'],
  },
  {
    name: 'a shell in place of init',
    outcome: 'fail',
    tree: with_({ '/proc/cmdline': 'root=/dev/sda1 init=/bin/bash\n' }),
    says: ['init=/bin/bash', '/proc/cmdline'],
  },
  {
    name: 'the debug shell by kernel parameter, in its older spelling',
    outcome: 'fail',
    tree: with_({ '/proc/cmdline': 'root=/dev/sda1 systemd.debug-shell=1\n' }),
  },
  {
    name: 'rd.break in an entry that is chosen at the next start',
    outcome: 'fail',
    tree: with_({
      '/boot/loader/entries/a.conf': 'title A\nlinux /vmlinuz\noptions root=UUID=1 ro rd.break\n',
    }),
    says: ['rd.break', '/boot/loader/entries/a.conf'],
  },
  {
    name: 'the settings that GRUB’s file is made of',
    outcome: 'fail',
    tree: with_({ '/etc/default/grub.d/50-x.cfg': 'GRUB_CMDLINE_LINUX_DEFAULT="quiet init=/bin/sh"\n' }),
  },
  {
    name: 'sysvinit with sulogin -e and a locked root',
    outcome: 'fail',
    tree: {
      files: {
        '/etc/inittab': '~~:S:wait:/sbin/sulogin -e\n',
        '/etc/passwd': base['/etc/passwd'],
        '/etc/shadow': LOCKED,
      },
    },
  },
  {
    name: 'Ubuntu with its locked root: sulogin asks for nothing',
    outcome: 'fail',
    tree: with_({ '/etc/shadow': LOCKED, '/etc/os-release': UBUNTU }),
    says: ['root is locked', 'rescue.service'],
  },
  {
    name: 'another program serves the rescue mode',
    outcome: 'unknown',
    tree: with_({
      '/etc/systemd/system/rescue.service.d/a.conf': '[Service]\nExecStart=\nExecStart=/opt/rescue-menu\n',
    }),
    says: ['/opt/rescue-menu'],
  },
  {
    name: 'init= names a program that is not known',
    outcome: 'unknown',
    tree: with_({ '/proc/cmdline': 'init=/opt/start\n' }),
  },
  {
    name: 'shadow can not be read',
    outcome: 'unknown',
    tree: with_({ '/etc/shadow': { unreadable: 'permission denied' } }),
  },
  {
    name: 'a FIFO in place of GRUB’s file',
    outcome: 'unknown',
    tree: with_({ '/boot/grub/grub.cfg': { type: 'other' } }),
  },
  {
    name: 'a relative of Ubuntu with a locked root',
    outcome: 'unknown',
    tree: with_({
      '/etc/shadow': LOCKED,
      '/etc/os-release': 'ID=linuxmint\nVERSION_ID="22"\nID_LIKE="ubuntu debian"\n',
    }),
  },
  {
    name: 'neither systemd nor inittab',
    outcome: 'unknown',
    tree: { files: { '/etc/passwd': base['/etc/passwd'] } },
  },
];
