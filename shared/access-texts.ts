/** Words for the access matrix, the same in the terminal and on screen. */
import type { Proof, WayIn } from './access-matrix.ts';
import type { Text } from './outcome.ts';

export const WAY_TEXTS: Readonly<Record<WayIn, Text>> = {
  console: { en: 'Console', de: 'Konsole' },
  'ssh-key': { en: 'SSH key', de: 'SSH-Schlüssel' },
  'ssh-password': { en: 'SSH, password', de: 'SSH, Passwort' },
  su: { en: 'su', de: 'su' },
  sudo: { en: 'sudo', de: 'sudo' },
  doas: { en: 'doas', de: 'doas' },
  cron: { en: 'cron', de: 'cron' },
  at: { en: 'at', de: 'at' },
  'container-group': { en: 'Container group', de: 'Container-Gruppe' },
  group: { en: 'Privileged group', de: 'Privilegierte Gruppe' },
  unit: { en: 'systemd unit', de: 'systemd-Unit' },
  polkit: { en: 'polkit rule', de: 'polkit-Regel' },
  capability: { en: 'Capability', de: 'Capability' },
};

export const PROOF_TEXTS: Readonly<Record<Proof, Text>> = {
  none: { en: 'no proof', de: 'kein Nachweis' },
  key: { en: 'key', de: 'Schlüssel' },
  certificate: { en: 'certificate', de: 'Zertifikat' },
  'key-and-password': { en: 'key and password', de: 'Schlüssel und Passwort' },
  password: { en: 'own password', de: 'eigenes Passwort' },
  'password-and-factor': { en: 'password and second factor', de: 'Passwort und zweiter Faktor' },
  'other-password': { en: 'password of the account reached', de: 'Passwort des Zielkontos' },
  unknown: { en: 'not known', de: 'nicht bekannt' },
};

/** `reaches` in words: every account, a group, or the name as it is. */
export function reachText(reaches: string): Text {
  if (reaches === 'ALL') return { en: 'every account', de: 'jedes Konto' };
  if (reaches === '*') return { en: 'other accounts', de: 'andere Konten' };
  const group = /^:(.+)$/.exec(reaches)?.[1];
  return group === undefined ? { en: reaches, de: reaches } : { en: `group ${group}`, de: `Gruppe ${group}` };
}
