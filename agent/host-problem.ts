/** Why something of the host could not be read, in words. */
import type { Text } from '../shared/outcome.ts';

/** @param code of the error that a system call or a walk ended with */
export function problemOf(path: string, code: string, privileged: boolean): Text {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return privileged
        ? { en: `${path} is refused even to root`, de: `${path} bleibt selbst root verwehrt` }
        : {
            en: `no permission to read ${path}; run as root`,
            de: `keine Berechtigung, ${path} zu lesen; als root ausführen`,
          };
    case 'ELOOP':
      return {
        en: `${path} leads through too many symbolic links`,
        de: `${path} führt über zu viele symbolische Verweise`,
      };
    case 'LEAVES_ROOT':
      return {
        en: `${path} leads out of the given root`,
        de: `${path} führt aus dem Wurzelverzeichnis heraus`,
      };
    case 'INVALID_PATH':
    case 'ENAMETOOLONG':
      return { en: `${path} is not a usable path`, de: `${path} ist kein verwendbarer Pfad` };
    case 'NO_LINK':
      return { en: `${path} is not a symbolic link`, de: `${path} ist kein symbolischer Verweis` };
    case 'EAGAIN':
      return {
        en: `${path} gives no content without waiting`,
        de: `${path} liefert ohne Warten keinen Inhalt`,
      };
    default:
      return { en: `${path} can not be read (${code})`, de: `${path} ist nicht lesbar (${code})` };
  }
}

export const notRegular = (path: string): Text => ({
  en: `${path} is not a regular file`,
  de: `${path} ist keine reguläre Datei`,
});
export const notDirectory = (path: string): Text => ({
  en: `${path} is not a directory`,
  de: `${path} ist kein Verzeichnis`,
});
export const tooLarge = (path: string, limit: number): Text => ({
  en: `${path} is larger than ${limit} bytes`,
  de: `${path} ist größer als ${limit} Bytes`,
});
export const notUtf8 = (path: string): Text => ({
  en: `${path} is not valid UTF-8`,
  de: `${path} ist kein gültiges UTF-8`,
});
export const restless = (path: string): Text => ({
  en: `${path} kept changing while it was read`,
  de: `${path} änderte sich beim Lesen fortlaufend`,
});
export const tooMany = (path: string, limit: number): Text => ({
  en: `${path} has more than ${limit} entries`,
  de: `${path} hat mehr als ${limit} Einträge`,
});
export const oddNames = (path: string): Text => ({
  en: `${path} has names that are not UTF-8`,
  de: `${path} enthält Namen, die kein UTF-8 sind`,
});
