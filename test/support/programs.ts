/**
 * Real programs that tests compare with. One table: what a test may need, where it is, and which Debian package
 * brings it, so that `npm test` installs exactly what the tests use.
 */
import { existsSync } from 'node:fs';
import { describe } from 'vitest';

/** Debian names the folder after the architecture. */
const PAM_MODULES =
  process.arch === 'arm64' ? '/usr/lib/aarch64-linux-gnu/security' : '/usr/lib/x86_64-linux-gnu/security';

export const programs = {
  sshd: { path: '/usr/sbin/sshd', debian: 'openssh-server' },
  'ssh-keygen': { path: '/usr/bin/ssh-keygen', debian: 'openssh-client' },
  restic: { path: '/usr/bin/restic', debian: 'restic' },
  duplicity: { path: '/usr/bin/duplicity', debian: 'duplicity' },
  rsnapshot: { path: '/usr/bin/rsnapshot', debian: 'rsnapshot' },
  rsync: { path: '/usr/bin/rsync', debian: 'rsync' },
  borg: { path: '/usr/bin/borg', debian: 'borgbackup' },
  borgmatic: { path: '/usr/bin/borgmatic', debian: 'borgmatic' },
  pamtester: { path: '/usr/bin/pamtester', debian: 'pamtester' },
  'apt-get': { path: '/usr/bin/apt-get', debian: 'apt' },
  'apt-ftparchive': { path: '/usr/bin/apt-ftparchive', debian: 'apt-utils' },
  'dpkg-deb': { path: '/usr/bin/dpkg-deb', debian: 'dpkg' },
  dnf: { path: '/usr/bin/dnf-3', debian: 'dnf' },
  zypper: { path: '/usr/bin/zypper', debian: 'zypper' },
  rpmbuild: { path: '/usr/bin/rpmbuild', debian: 'rpm' },
  createrepo_c: { path: '/usr/bin/createrepo_c', debian: 'createrepo-c' },
  lz4: { path: '/usr/bin/lz4', debian: 'lz4' },
  gpg: { path: '/usr/bin/gpg', debian: 'gnupg' },
  chage: { path: '/usr/bin/chage', debian: 'passwd' },
  systemctl: { path: '/usr/bin/systemctl', debian: 'systemd' },
  'systemd-analyze': { path: '/usr/bin/systemd-analyze', debian: 'systemd' },
  setfacl: { path: '/usr/bin/setfacl', debian: 'acl' },
  aiosmtpd: { path: '/usr/lib/python3/dist-packages/aiosmtpd/__init__.py', debian: 'python3-aiosmtpd' },
  openssl: { path: '/usr/bin/openssl', debian: 'openssl' },
  localedef: { path: '/usr/bin/localedef', debian: 'libc-bin' },
  locales: { path: '/usr/share/i18n/locales/de_DE', debian: 'locales' },
  chromium: { path: '/usr/bin/chromium', debian: 'chromium' },
  sudo: { path: '/usr/bin/sudo', debian: 'sudo' },
  cvtsudoers: { path: '/usr/bin/cvtsudoers', debian: 'sudo' },
  visudo: { path: '/usr/sbin/visudo', debian: 'sudo' },
  doas: { path: '/usr/bin/doas', debian: 'opendoas' },
  setpriv: { path: '/usr/bin/setpriv', debian: 'util-linux' },
  debootstrap: { path: '/usr/sbin/debootstrap', debian: 'debootstrap' },
  'debian-archive-keyring': {
    path: '/usr/share/keyrings/debian-archive-keyring.gpg',
    debian: 'debian-archive-keyring',
  },
  'distro-info-data': { path: '/usr/share/distro-info/debian.csv', debian: 'distro-info-data' },
  'systemd-nspawn': { path: '/usr/bin/systemd-nspawn', debian: 'systemd-container' },
  oathtool: { path: '/usr/bin/oathtool', debian: 'oathtool' },
  pam_oath: { path: `${PAM_MODULES}/pam_oath.so`, debian: 'libpam-oath' },
  pam_google_authenticator: {
    path: `${PAM_MODULES}/pam_google_authenticator.so`,
    debian: 'libpam-google-authenticator',
  },
  'ansible-playbook': { path: '/usr/bin/ansible-playbook', debian: 'ansible-core' },
  strace: { path: '/usr/bin/strace', debian: 'strace' },
  strip: { path: '/usr/bin/strip', debian: 'binutils' },
  'aarch64-linux-gnu-strip': {
    path: '/usr/bin/aarch64-linux-gnu-strip',
    debian: 'binutils-aarch64-linux-gnu',
  },
  'qemu-aarch64-static': { path: '/usr/bin/qemu-aarch64-static', debian: 'qemu-user-static' },
  'libc6-arm64-cross': {
    path: '/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1',
    debian: 'libc6-arm64-cross',
  },
  'libstdc++6-arm64-cross': {
    path: '/usr/aarch64-linux-gnu/lib/libstdc++.so.6',
    debian: 'libstdc++6-arm64-cross',
  },
  'libgcc-s1-arm64-cross': {
    path: '/usr/aarch64-linux-gnu/lib/libgcc_s.so.1',
    debian: 'libgcc-s1-arm64-cross',
  },
  mandoc: { path: '/usr/bin/mandoc', debian: 'mandoc' },
  bash: { path: '/bin/bash', debian: 'bash' },
  zsh: { path: '/usr/bin/zsh', debian: 'zsh' },
  fish: { path: '/usr/bin/fish', debian: 'fish' },
  nsenter: { path: '/usr/bin/nsenter', debian: 'util-linux' },
} as const satisfies Record<string, { path: string; debian: string }>;

export type Program = keyof typeof programs;

export function missingPrograms(names: readonly Program[]): Program[] {
  return names.filter((name) => !existsSync(programs[name].path));
}

/** A `describe` that is skipped, naming what is missing, where one of the programs can't be had. */
export function describeWith(names: readonly Program[], title: string, define: () => void): void {
  const missing = missingPrograms(names);
  if (missing.length === 0) describe(title, define);
  else describe.skip(`${title} [needs ${missing.join(', ')}]`, define);
}

/** The same for tests that change owners, bind accounts or read what only root may. */
export function describeAsRoot(names: readonly Program[], title: string, define: () => void): void {
  if (process.getuid?.() === 0) describeWith(names, title, define);
  else describe.skip(`${title} [needs root]`, define);
}
