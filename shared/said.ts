/**
 * Messages of schemas in both languages. zod keeps one string per message: the English one, which is also the key
 * under which the German one is found again when the problem is told to a person.
 */
import type { Text } from './outcome.ts';

const german = new Map<string, string>();

/** For zod's `error`: remembers the German words of an English message. */
export function said(de: string, en: string): string {
  german.set(en, de);
  return en;
}

export const isSaid = (message: string): boolean => german.has(message);

/** `message` in both languages; `otherwise` is what to say in German where nobody translated it. */
export const bothLanguages = (message: string, otherwise: string): Text => ({
  de: german.get(message) ?? otherwise,
  en: message,
});
