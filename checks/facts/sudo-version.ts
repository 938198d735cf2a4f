/** Which sudo this is: what it reads, and its defaults, depend on it. */
import type { Text } from '../../shared/outcome.ts';
import { absent, type Fact, known, unreadable, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';

export interface SudoVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

export const formatSudoVersion = ({ major, minor, patch }: SudoVersion): string =>
  `${major}.${minor}.${patch}`;

/** Whether `version` is `wanted` (`1.9.10`) or newer. */
export function sudoSince(version: SudoVersion, wanted: string): boolean {
  const [major = 0, minor = 0, patch = 0] = wanted.split('.').map(Number);
  const parts = [version.major - major, version.minor - minor, version.patch - patch];
  return (parts.find((difference) => difference !== 0) ?? 0) >= 0;
}

/** The version string inside the program: `1.9.13p3` between NULs; pure. */
export function parseSudoVersion(program: string): SudoVersion | undefined {
  const match = /\0(1)\.(8|9)\.(\d{1,2})(?:p\d{1,2})?\0/.exec(program);
  return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } : undefined;
}

const PROGRAMS = ['/usr/bin/sudo', '/usr/local/bin/sudo', '/bin/sudo'] as const;

const otherProgram = (path: string): Text => ({
  en: `${path} is sudo-rs, whose rules this check does not know`,
  de: `${path} ist sudo-rs, dessen Regeln diese Prüfung nicht kennt`,
});
const unversioned = (path: string): Text => ({
  en: `${path} does not name its version (1.8 or 1.9)`,
  de: `${path} nennt seine Version nicht (1.8 oder 1.9)`,
});

/** The installed sudo, the same on a running and on an unpacked system. Absent where there is none. */
export async function installedSudo(host: Host): Promise<Fact<{ path: string; version: SudoVersion }>> {
  for (const path of PROGRAMS) {
    const program = await host.readText(path, { maxBytes: 16 * 1024 * 1024, encoding: 'latin1' });
    if (program.state === 'absent') continue;
    if (program.state === 'unreadable') return program;
    const real = valueOr(await host.realPath(path), path);
    if (/sudo-rs|\/cargo\//.test(real) || program.value.text.includes('sudo-rs'))
      return unreadable(path, otherProgram(path));
    const version = parseSudoVersion(program.value.text);
    return version ? known({ path, version }) : unreadable(path, unversioned(path));
  }
  return absent(PROGRAMS[0]);
}
