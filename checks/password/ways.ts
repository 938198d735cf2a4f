/** The ways of changing a password, those of one stack together: what several services share is judged and shown once. Pure. */
import type { Text } from '../../shared/outcome.ts';
import { type PasswordWay, type PasswordWho, storesPassword } from '../facts/password-policy.ts';

export interface WayGroup {
  readonly way: PasswordWay;
  /** `login, passwd` */
  readonly services: string;
}

/** The ways of `who` by which some password can be stored. */
export function openWays(ways: readonly PasswordWay[], who: PasswordWho): WayGroup[] {
  const groups = new Map<string, PasswordWay[]>();
  for (const way of ways) {
    if (way.who !== who || !storesPassword(way, () => 'accepts')) continue;
    const key = way.handlers
      .map(({ level, line }) => (line ? `${level} ${line.file}:${line.line}` : `${level}`))
      .join();
    groups.set(key, [...(groups.get(key) ?? []), way]);
  }
  return [...groups.values()].flatMap((same) =>
    same[0] ? [{ way: same[0], services: same.map(({ service }) => service).join(', ') }] : [],
  );
}

export const NO_WAY: Text = {
  en: 'no PAM service stores changed passwords in /etc/shadow; what other programs ask for is not known',
  de: 'kein PAM-Dienst legt geänderte Passwörter in /etc/shadow ab; was andere Programme verlangen, ist nicht bekannt',
};
