/** Why the probe could not open a repository, and how to give it access. */
import type { Text } from '../../shared/outcome.ts';
import type { probeProblems } from '../facts/backup-result.ts';

export const probeProblemTexts: Readonly<Record<(typeof probeProblems)[number], Text>> = {
  locked: {
    en: 'the repository is locked for good; restic unlock or borg break-lock removes locks of programs that have died',
    de: 'das Repository ist dauerhaft gesperrt; restic unlock oder borg break-lock entfernt Sperren beendeter Programme',
  },
  'wrong-password': {
    en: 'the repository does not open with the password given; correct passwordFile, environmentFile or configuration of the job',
    de: 'das Repository lässt sich mit dem angegebenen Passwort nicht öffnen; passwordFile, environmentFile oder configuration des Auftrags berichtigen',
  },
  'no-key': {
    en: 'the repository is encrypted for a GnuPG key whose secret half is not given to the probe, nor needs to be here; without a probe, the archive directory of duplicity tells the last success',
    de: 'das Repository ist für einen GnuPG-Schlüssel verschlüsselt, dessen geheimer Teil der Sonde nicht vorliegt und hier auch nicht vorliegen muss; ohne Sonde nennt das Archivverzeichnis von duplicity den letzten Erfolg',
  },
  unreachable: {
    en: 'the repository can not be reached from this system',
    de: 'das Repository ist von diesem System aus nicht erreichbar',
  },
  'no-repository': {
    en: 'there is no repository at the place named',
    de: 'am angegebenen Ort gibt es kein Repository',
  },
  damaged: {
    en: 'the repository is damaged; restic check or borg check tells more',
    de: 'das Repository ist beschädigt; restic check oder borg check zeigt mehr',
  },
  'no-program': {
    en: 'the backup program is not installed where only root can change it',
    de: 'das Sicherungsprogramm ist nicht dort installiert, wo nur root es ändern kann',
  },
  'unsafe-configuration': {
    en: 'a file of the job or a part of its path can be changed by others than root; the backup program was not run',
    de: 'eine Datei des Auftrags oder ein Teil ihres Pfads kann nicht nur von root geändert werden; das Sicherungsprogramm wurde nicht ausgeführt',
  },
  timeout: {
    en: 'the repository gave no answer in time',
    de: 'das Repository hat nicht rechtzeitig geantwortet',
  },
  'not-understood': {
    en: 'the answer of the backup program was not understood',
    de: 'die Antwort des Sicherungsprogramms wurde nicht verstanden',
  },
  failed: {
    en: 'the backup program could not list the snapshots; run the command by hand to see why',
    de: 'das Sicherungsprogramm konnte die Schnappschüsse nicht auflisten; den Befehl von Hand ausführen, um den Grund zu sehen',
  },
};
