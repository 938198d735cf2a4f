/** Who may edit entries of the boot loader: GRUB's superusers and their passwords, systemd-boot's editor. Passwords are not kept. */
import { defineFact, type Fact, known } from '../fact.ts';
import { GRUB_FILES } from './boot-entries.ts';

export interface GrubConfiguration {
  readonly source: string;
  /** Names that `superusers` is set to, and the line; the last assignment counts. */
  readonly superusers: readonly string[];
  readonly line?: number;
  /** Names with a password of their own in this file. */
  readonly passwords: readonly string[];
  /** Names whose password is GRUB2_PASSWORD of user.cfg (RHEL). */
  readonly byUserFile: readonly string[];
}

export interface BootLoader {
  readonly grub: readonly GrubConfiguration[];
  /** RHEL's user.cfg sets a password. */
  readonly userFile: string | undefined;
  /** Scripts of /etc/grub.d that set superusers; they take effect when grub.cfg is generated. */
  readonly scripts: readonly string[];
  /** systemd-boot: whether its editor is on; undefined where it is not there. */
  readonly editor: { readonly source: string; readonly line?: number; readonly on: boolean } | undefined;
}

/** Pure. */
export function parseGrubPasswords(text: string, source: string): GrubConfiguration {
  let superusers: string[] = [];
  let line: number | undefined;
  const passwords: string[] = [];
  const byUserFile: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const set = /^\s*set\s+superusers=(?:"([^"]*)"|'([^']*)'|(\S*))/.exec(raw);
    if (set) {
      superusers = (set[1] ?? set[2] ?? set[3] ?? '').split(/[\s,;|&]+/).filter(Boolean);
      line = index + 1;
    }
    const [, user, secret] = /^\s*password(?:_pbkdf2)?\s+(\S+)\s+(\S+)/.exec(raw) ?? [];
    if (user === undefined || secret === undefined) continue;
    if (/^"?\$\{?GRUB2_PASSWORD\}?"?$/.test(secret)) byUserFile.push(user);
    else passwords.push(user);
  }
  return { source, superusers, passwords, byUserFile, ...(line === undefined ? {} : { line }) };
}

export const bootLoader = defineFact<BootLoader>({
  id: 'boot-loader',
  collect: async (host): Promise<Fact<BootLoader>> => {
    const grub: GrubConfiguration[] = [];
    let userFile: string | undefined;
    for (const path of GRUB_FILES) {
      const file = await host.readText(path, { maxBytes: 4 * 1024 * 1024, encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state !== 'known') continue;
      grub.push(parseGrubPasswords(file.value.text, path));
      const beside = path.replace(/grub\.cfg$/, 'user.cfg');
      const user = await host.readText(beside, { encoding: 'latin1' });
      if (user.state === 'unreadable') return user;
      if (user.state === 'known' && /^\s*GRUB2_PASSWORD=["']?grub\.pbkdf2\.\S/m.test(user.value.text))
        userFile = beside;
    }
    const scripts: string[] = [];
    const names = await host.list('/etc/grub.d');
    if (names.state === 'unreadable') return names;
    for (const name of names.state === 'known' ? names.value : []) {
      const file = await host.readText(`/etc/grub.d/${name}`, { encoding: 'latin1' });
      if (file.state === 'known' && /^\s*set\s+superusers=/m.test(file.value.text))
        scripts.push(`/etc/grub.d/${name}`);
    }
    let editor: BootLoader['editor'];
    for (const base of ['/boot', '/efi', '/boot/efi']) {
      const path = `${base}/loader/loader.conf`;
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state !== 'known' || editor) continue;
      const lines = file.value.text.split(/\r?\n/);
      const at = lines.findLastIndex((raw) => /^\s*editor\s/.test(raw));
      const on = !/^\s*editor\s+(?:no|0|false|off|n|f)\s*$/i.test(lines[at] ?? '');
      editor = { source: path, on, ...(at < 0 ? {} : { line: at + 1 }) };
    }
    return known({ grub, userFile, scripts, editor });
  },
});
