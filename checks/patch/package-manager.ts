/** What the patch checks can judge: so far apt. Elsewhere the question stands, and the answer is unknown. */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook, type Fact } from '../fact.ts';
import type { OsRelease } from '../facts/os-release.ts';

/** Whether packages of this distribution are those of rpm, whatever else is installed. */
export function usesRpm(os: Fact<OsRelease>): boolean {
  const names = os.state === 'known' ? [os.value.id, ...os.value.like] : [];
  return names.some((name) => /suse|^(?:sles|rhel|fedora|centos|almalinux|rocky|ol|amzn)/.test(name));
}

/** @throws CouldNotLook on distributions with another package manager */
export function needsApt(os: Fact<OsRelease>, apt: Fact<unknown>): void {
  const names = os.state === 'known' ? [os.value.id, ...os.value.like] : [];
  const is = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
  if (is(/suse|^sles/)) throw new CouldNotLook('zypper', notYet('zypper'));
  if (is(/^(?:rhel|fedora|centos|almalinux|rocky|ol|amzn)$/)) throw new CouldNotLook('dnf', notYet('dnf'));
  if (apt.state === 'absent') {
    throw new CouldNotLook('apt-get', {
      en: 'apt is not installed, and no other package manager is judged yet',
      de: 'apt ist nicht installiert, und andere Paketverwaltungen werden noch nicht beurteilt',
    });
  }
}

const notYet = (manager: string): Text => ({
  en: `${manager} is not judged yet`,
  de: `${manager} wird noch nicht beurteilt`,
});
