/** The ways of changing a password, those of one stack together: what several services share is judged and shown once. Pure. */
import type { Text } from '../../shared/outcome.ts';
import { type PasswordWay, type PasswordWho, storesPassword } from '../facts/password-policy.ts';

export interface WayGroup {
  readonly way: PasswordWay;
  /** `login, passwd` */
  readonly services: string;
}

/** The first way of each stack, whoever goes it, with all its services. */
export function byStack(ways: readonly PasswordWay[]): WayGroup[] {
  const groups = new Map<string, PasswordWay[]>();
  for (const way of ways) {
    const key = way.handlers
      .map(({ level, line }) => (line ? `${level} ${line.file}:${line.line}` : `${level}`))
      .join();
    groups.set(key, [...(groups.get(key) ?? []), way]);
  }
  return [...groups.values()].flatMap((same) =>
    same[0] ? [{ way: same[0], services: [...new Set(same.map(({ service }) => service))].join(', ') }] : [],
  );
}

/** Whether some password can be stored this way. */
export const isOpen = (way: PasswordWay): boolean => storesPassword(way, () => 'accepts');

/** The ways of `who` by which some password can be stored. */
export const openWays = (ways: readonly PasswordWay[], who: PasswordWho): WayGroup[] =>
  byStack(ways.filter((way) => way.who === who && isOpen(way)));

export const NO_WAY: Text = {
  en: 'no PAM service stores changed passwords in /etc/shadow; what other programs ask for is not known',
  de: 'kein PAM-Dienst legt geänderte Passwörter in /etc/shadow ab; was andere Programme verlangen, ist nicht bekannt',
};

/** A module of whose answers nothing is known may end a stack early or store a password itself. */
export const STRANGE: Text = {
  en: 'a module of the stack is not known here',
  de: 'ein Modul des Stapels ist hier nicht bekannt',
};
