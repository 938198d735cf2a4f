/**
 * What the rebuilt systems have in common: an unpacked host with systemd, one administrator and her shell. Each system's
 * own file says where it differs. None of them was copied from a running machine.
 */
import type { Node, Tree } from '../../../checks/host-memory.ts';
import { pamStock } from '../../support/pam-stock.ts';

export type Files = Readonly<Record<string, Node>>;

/** A system, the documents its tree follows, and the tree. */
export interface RebuiltSystem {
  readonly name: string;
  readonly tree: Tree;
}

export const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;
export const program = (mark: string, mode = 0o755): Node => ({ text: `\u007fELF\0${mark}\0`, mode });
/** Never logged in: what an installer leaves. */
const empty: Node = { text: '', gid: 43, mode: 0o664 };

/** The hashes are of no password: made of the alphabet, in the shape of their scheme. */
export const YESCRYPT = `$y$j9T$${'example'.repeat(3)}e$${'example'.repeat(6)}e`;
export const SHA512 = `$6$exampleexamplee$${'example'.repeat(12)}ex`;

const LIB = '/usr/lib/systemd/system';
const agetty = (options: string) =>
  lines('[Unit]', 'Description=Getty on %I', '', '[Service]', `ExecStart=-/sbin/agetty ${options} $TERM`);
const sulogin = (mode: string) =>
  lines(
    '[Service]',
    'Environment=HOME=/root',
    'WorkingDirectory=-/root',
    'ExecStartPre=-/usr/bin/plymouth --wait quit',
    `ExecStart=-/usr/lib/systemd/systemd-sulogin-shell ${mode}`,
    'Type=idle',
    'StandardInput=tty-force',
  );

/** systemd as upstream delivers it. */
export const systemd: Files = {
  [`${LIB}/getty.target`]: lines('[Unit]', 'Description=Login Prompts'),
  [`${LIB}/multi-user.target`]: lines('[Unit]', 'Wants=getty.target'),
  [`${LIB}/default.target`]: { link: 'multi-user.target' },
  [`${LIB}/multi-user.target.wants/getty.target`]: { link: '../getty.target' },
  [`${LIB}/getty@.service`]: agetty("-o '-p -- \\\\u' --noclear -"),
  [`${LIB}/autovt@.service`]: { link: 'getty@.service' },
  [`${LIB}/serial-getty@.service`]: agetty("-o '-p -- \\\\u' --keep-baud 115200,57600,38400,9600 -"),
  [`${LIB}/rescue.service`]: sulogin('rescue'),
  [`${LIB}/emergency.service`]: sulogin('emergency'),
  [`${LIB}/debug-shell.service`]: lines('[Service]', 'ExecStart=/bin/sh', 'StandardInput=tty'),
  [`${LIB}/reboot.target`]: lines('[Unit]', 'Description=System Reboot'),
  [`${LIB}/ctrl-alt-del.target`]: { link: 'reboot.target' },
  '/etc/systemd/system/getty.target.wants/getty@tty1.service': { link: `${LIB}/getty@.service` },
};

/** Records of logins, as they are before the first one. */
export const loginRecords: Files = { '/var/log/wtmp': empty, '/var/log/lastlog': empty };

/** rsyslog, installed and enabled, with these rules. */
export const rsyslog = (...rules: readonly string[]): Files => ({
  '/usr/sbin/rsyslogd': program('rsyslogd'),
  '/etc/rsyslog.conf': lines(...rules),
  [`${LIB}/rsyslog.service`]: lines('[Service]', 'ExecStart=/usr/sbin/rsyslogd -n'),
  '/etc/systemd/system/multi-user.target.wants/rsyslog.service': { link: `${LIB}/rsyslog.service` },
});

/** An installed and enabled sshd, as the unit `name` starts it. */
export const sshdUnit = (name: string, ...service: readonly string[]): Files => ({
  [`${LIB}/${name}`]: lines('[Service]', ...service, '[Install]', 'WantedBy=multi-user.target'),
  [`/etc/systemd/system/multi-user.target.wants/${name}`]: { link: `${LIB}/${name}` },
});

/** Of host keys there are none yet: the first start makes them. */
export const homes: Files = {
  '/root': { directory: true, mode: 0o700 },
  '/home/anna': { directory: true, mode: 0o700, uid: 1000, gid: 1000 },
};

/** Services of a server's packages: pam-stock also has those of desktops and of servers for other things. */
const SERVER =
  /\/(?:common-\w+(?:-pc)?|postlogin(?:-\w+)?|system-auth|password-auth|other|login|remote|sshd|su|su-l|sudo|sudo-i|crond?|atd|chsh|chfn|passwd|chpasswd|useradd|runuser|runuser-l|systemd-user|polkit-1)$/;

/** The PAM files of a stock system, made for the evaluator's tests, as far as a server has them. @throws Error */
export function serverPam(name: string): Readonly<Record<string, string>> {
  const stock = pamStock.find((one) => one.name === name);
  if (!stock) throw new Error(`no such PAM configuration: ${name}`);
  return Object.fromEntries(Object.entries(stock.files).filter(([path]) => SERVER.test(path)));
}

/** A line of passwd and of shadow for each account: `[passwd fields behind the name, password]`. */
export function accounts(
  all: Readonly<Record<string, readonly [ids: string, password: string]>>,
  shadow: { readonly mode: number; readonly gid: number },
): Files {
  const names = Object.entries(all);
  return {
    '/etc/passwd': lines(...names.map(([name, [ids]]) => `${name}:x:${ids}`)),
    '/etc/shadow': {
      text: lines(...names.map(([name, [, password]]) => `${name}:${password}:20400:0:99999:7:::`)),
      ...shadow,
    },
  };
}

/** `name:gid[:members]` -> group and gshadow. */
export function groups(
  all: readonly string[],
  shadow: { readonly mode: number; readonly gid: number },
): Files {
  const parts = all.map((one) => one.split(':'));
  return {
    '/etc/group': lines(...parts.map(([name, gid, members = '']) => `${name}:x:${gid}:${members}`)),
    '/etc/gshadow': {
      text: lines(...parts.map(([name, , members = '']) => `${name}:*::${members}`)),
      ...shadow,
    },
  };
}
