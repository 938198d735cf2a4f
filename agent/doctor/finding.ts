/** One line of `nachweis doctor`. */
import { CodedError } from '../../shared/errors.ts';
import type { Text } from '../../shared/outcome.ts';

export interface Finding {
  readonly topic: Topic;
  /** `warn`: works, but not as it could, or could not be looked at. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly found: Text;
  /** What to do; always there unless the level is `ok`. */
  readonly next?: Text;
}

/** In the order in which they are shown. */
export const topics = {
  program: { en: 'program', de: 'Programm' },
  cache: { en: 'compile cache', de: 'Übersetzungsspeicher' },
  state: { en: 'state directory', de: 'Zustandsverzeichnis' },
  enrolment: { en: 'enrolment', de: 'Anmeldung' },
  key: { en: 'key', de: 'Schlüssel' },
  space: { en: 'free space', de: 'freier Platz' },
  spool: { en: 'reports', de: 'Berichte' },
  policy: { en: 'policy', de: 'Vorgaben' },
  config: { en: 'configuration', de: 'Konfiguration' },
  proxy: { en: 'proxy', de: 'Proxy' },
  name: { en: 'name resolution', de: 'Namensauflösung' },
  collector: { en: 'collector', de: 'Kollektor' },
  version: { en: 'versions', de: 'Versionen' },
  clock: { en: 'clock', de: 'Uhr' },
  sync: { en: 'time service', de: 'Zeitdienst' },
  schedule: { en: 'schedule', de: 'Zeitplan' },
  filter: { en: 'network filter', de: 'Netzfilter' },
  commands: { en: 'commands', de: 'Befehle' },
} as const satisfies Record<string, Text>;
export type Topic = keyof typeof topics;

export const ok = (topic: Topic, found: Text): Finding => ({ topic, level: 'ok', found });
export const warn = (topic: Topic, found: Text, next: Text): Finding => ({
  topic,
  level: 'warn',
  found,
  next,
});
export const fail = (topic: Topic, found: Text, next: Text): Finding => ({
  topic,
  level: 'fail',
  found,
  next,
});

/** The same in both languages. */
export const same = (text: string): Text => ({ en: text, de: text });

/** What a coded error says. @throws what is no coded error */
export function ofError(topic: Topic, error: unknown, level: 'warn' | 'fail' = 'fail'): Finding {
  if (!(error instanceof CodedError)) throw error;
  const [en, de] = [error.explain('en'), error.explain('de')];
  return {
    topic,
    level,
    found: { en: `${error.code}: ${en.message}`, de: `${error.code}: ${de.message}` },
    next: { en: en.next, de: de.next },
  };
}
