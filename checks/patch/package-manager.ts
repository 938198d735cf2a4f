/** Which of the package managers a patch check judges. */
import { CouldNotLook, type Fact } from '../fact.ts';
import { distributionManager, type OsRelease } from '../facts/os-release.ts';

/** Whether packages of this distribution are those of rpm, whatever else is installed. */
export const usesRpm = (os: Fact<OsRelease>): boolean =>
  os.state === 'known' && distributionManager(os.value) !== 'apt';

/** @throws CouldNotLook where apt is not installed */
export function needsApt(apt: Fact<unknown>): void {
  if (apt.state !== 'absent') return;
  throw new CouldNotLook('apt-get', {
    en: 'apt is not installed, and no other package manager is judged on this system',
    de: 'apt ist nicht installiert, und eine andere Paketverwaltung wird auf diesem System nicht beurteilt',
  });
}
