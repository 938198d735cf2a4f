/** German and English. German where the browser prefers it, else English; a choice is remembered. */
import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Words } from './words-de.ts';

export type Language = 'de' | 'en';
const KEY = 'nachweis-language';

const files = {
  de: async () => (await import('./words-de.ts')).words,
  en: async () => (await import('./words-en.ts')).words,
} satisfies Record<Language, () => Promise<Words>>;

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Words };
  }
}

function preferred(): Language {
  try {
    const chosen = localStorage.getItem(KEY);
    if (chosen === 'de' || chosen === 'en') return chosen;
  } catch {
    // Storage may be forbidden; then nothing is remembered.
  }
  const first = navigator.languages.find((tag) => /^(?:de|en)\b/i.test(tag));
  return first?.toLowerCase().startsWith('de') ? 'de' : 'en';
}

export async function startTranslations(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await files[language]() } },
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language;
}

export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation'))
    i18next.addResourceBundle(language, 'translation', await files[language]());
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // As above.
  }
}

export const currentLanguage = (): Language => (i18next.language === 'de' ? 'de' : 'en');

/** What the API says in both languages, or in one that reads the same in both. */
type Phrase = string | { de: string; en: string };

/** `t` for the dashboard's own words, `say` for those that come from the API. */
export function useWords() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === 'de' ? 'de' : 'en';
  const say = (phrase: Phrase) => (typeof phrase === 'string' ? phrase : phrase[language]);
  return { t, say, language };
}
