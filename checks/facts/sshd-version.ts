/** Which OpenSSH this is: what it reads, and its defaults, depend on it. */
import type { Text } from '../../shared/outcome.ts';
import { absent, type Fact, known, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';

export interface SshdVersion {
  readonly major: number;
  readonly minor: number;
}

export const formatVersion = ({ major, minor }: SshdVersion): string => `${major}.${minor}`;

/** Whether `version` is `major.minor` or newer. */
export function since(version: SshdVersion, wanted: string): boolean {
  const [major = 0, minor = 0] = wanted.split('.').map(Number);
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** `OpenSSH_9.2p1 Debian-2` and the like; pure. */
export function parseVersion(text: string): SshdVersion | undefined {
  const match =
    /OpenSSH_(\d{1,3})\.(\d{1,3})p\d/.exec(text) ?? /OpenSSH_(\d{1,3})\.(\d{1,3})(?=[\s,\0])/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

export const programs = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'] as const;

const unversioned = (path: string): Text => ({
  en: `${path} does not name its OpenSSH version`,
  de: `${path} nennt seine OpenSSH-Version nicht`,
});

export interface InstalledSshd {
  readonly path: string;
  readonly version: SshdVersion;
  /** Of 9.6; distributions have brought it into older ones, whose program then names it. */
  readonly strictKex: boolean;
}

/**
 * The installed program and its version, from the version string inside the program: works the same on a running
 * and on an unpacked system. Absent where there is no sshd.
 */
export async function installedSshd(host: Host): Promise<Fact<InstalledSshd>> {
  for (const path of programs) {
    const program = await host.readText(path, { maxBytes: 16 * 1024 * 1024, encoding: 'latin1' });
    if (program.state === 'absent') continue;
    if (program.state === 'unreadable') return program;
    const version = parseVersion(program.value.text);
    if (!version) return unreadable(path, unversioned(path));
    const strictKex = since(version, '9.6') || program.value.text.includes('kex-strict-s-v00@openssh.com');
    return known({ path, version, strictKex });
  }
  return absent(programs[0]);
}
