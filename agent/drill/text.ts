/** What a drill came to, for a person at a terminal: the verdict first, then what was compared, how fast, and what to do. */

import { redact } from '../../checks/evidence.ts';
import type { Drill, DrillOutcome, DrillProblem } from '../../shared/drill.ts';
import { drillTotal } from '../../shared/drill.ts';
import type { Language, Text } from '../../shared/outcome.ts';
import { speaker } from '../language.ts';
import { type Terminal, wrap } from '../terminal.ts';
import type { AttributeKind } from './attributes.ts';
import type { Drilled } from './drill.ts';

const VERDICT: Readonly<Record<DrillOutcome, Text>> = {
  equal: { en: 'restored, and equal', de: 'wiederhergestellt und gleich' },
  unequal: { en: 'NOT as it should be', de: 'NICHT wie es sein soll' },
  error: { en: 'could not be restored', de: 'ließ sich nicht wiederherstellen' },
  unclear: {
    en: 'restored, but it can not be told whether it is right',
    de: 'wiederhergestellt, aber ob es stimmt, ist nicht zu sagen',
  },
};
const MARK: Readonly<Record<DrillOutcome, string>> = { equal: '✓', unequal: '✗', error: '✗', unclear: '?' };
const COLOUR = { equal: 'green', unequal: 'red', error: 'red', unclear: 'yellow' } as const;

/** What happened, and what helps. */
export const drillProblemTexts: Readonly<Record<DrillProblem, Text>> = {
  locked: {
    en: 'Somebody is changing the repository at the moment. Try again when that has ended.',
    de: 'Das Repository wird gerade verändert. Danach noch einmal versuchen.',
  },
  'wrong-password': {
    en: 'The password does not fit the repository.',
    de: 'Das Passwort passt nicht zum Repository.',
  },
  'no-key': {
    en: 'It is encrypted for a GnuPG key whose secret half is not in the key ring of the job (GNUPGHOME, else /root/.gnupg). Nor has it to be; try restoring where that key is kept, and record the drill by hand.',
    de: 'Es ist für einen GnuPG-Schlüssel verschlüsselt, dessen geheimer Teil nicht im Schlüsselbund des Auftrags liegt (GNUPGHOME, sonst /root/.gnupg). Das muss er auch nicht; die Wiederherstellung dort proben, wo dieser Schlüssel aufbewahrt wird, und den Test von Hand eintragen.',
  },
  unreachable: {
    en: 'The repository can not be reached. Check network, address and rights.',
    de: 'Das Repository ist nicht erreichbar. Netz, Adresse und Rechte prüfen.',
  },
  'no-repository': {
    en: 'There is no repository at that place.',
    de: 'An dieser Stelle gibt es kein Repository.',
  },
  damaged: {
    en: 'The repository is damaged. Have the tool check it (restic check, borg check), and make a new backup.',
    de: 'Das Repository ist beschädigt. Es vom Programm prüfen lassen (restic check, borg check) und neu sichern.',
  },
  'no-program': {
    en: 'The backup program is missing, or others than root can change it.',
    de: 'Das Sicherungsprogramm fehlt, oder nicht nur root kann es ändern.',
  },
  'unsafe-configuration': {
    en: 'What opens the repository is not known here, or others than root can write it. Files with secrets belong to root, mode 0600; name them in /etc/nachweis/backup.d.',
    de: 'Womit das Repository zu öffnen ist, ist hier nicht bekannt oder von anderen als root beschreibbar. Dateien mit Geheimnissen gehören root, Modus 0600; sie in /etc/nachweis/backup.d nennen.',
  },
  timeout: {
    en: 'It took longer than allowed. Allow more with --minutes, or ask for less with --files.',
    de: 'Es dauerte länger als erlaubt. Mit --minutes mehr Zeit geben oder mit --files weniger verlangen.',
  },
  'not-understood': {
    en: 'The answer of the backup program was not understood.',
    de: 'Die Antwort des Sicherungsprogramms wurde nicht verstanden.',
  },
  failed: {
    en: 'The backup program ended with an error. Run it by hand to see why.',
    de: 'Das Sicherungsprogramm endete mit einem Fehler. Es von Hand ausführen, um den Grund zu sehen.',
  },
  'no-space': {
    en: 'There is too little space in /var/cache/nachweis-drill. Free some, or ask for less with --megabytes.',
    de: 'In /var/cache/nachweis-drill ist zu wenig Platz. Platz schaffen oder mit --megabytes weniger verlangen.',
  },
  'no-snapshot': {
    en: 'The repository holds no backup of this host.',
    de: 'Das Repository enthält keine Sicherung dieses Systems.',
  },
  'nothing-wanted': {
    en: 'The newest backup holds nothing of the system configuration (/etc, crontabs, list of packages). Name files with --paths.',
    de: 'Die jüngste Sicherung enthält nichts von der Systemkonfiguration (/etc, Crontabs, Paketliste). Dateien mit --paths nennen.',
  },
};

const RESULTS: Readonly<Record<keyof Drill['files'], Text>> = {
  source: { en: 'equal to the file on this host', de: 'gleich der Datei auf diesem System' },
  record: {
    en: 'changed or gone here since; equal to what the repository recorded',
    de: 'hier seitdem geändert oder gelöscht; gleich dem, was das Repository verzeichnet',
  },
  unclear: {
    en: 'can not be told: younger than the backup, or with nothing to compare with',
    de: 'nicht zu beurteilen: jünger als die Sicherung oder ohne etwas zum Vergleichen',
  },
  different: {
    en: 'NOT equal, though unchanged here since the backup',
    de: 'NICHT gleich, obwohl hier seit der Sicherung unverändert',
  },
  damaged: { en: 'could not be read from the repository', de: 'aus dem Repository nicht lesbar' },
  missing: { en: 'not in the backup', de: 'nicht in der Sicherung enthalten' },
};
const ATTRIBUTES: Readonly<Record<AttributeKind, Text>> = {
  mode: { en: 'mode', de: 'Modus' },
  owner: { en: 'owner', de: 'Eigentümer' },
  time: { en: 'time of change', de: 'Änderungszeit' },
};
const BAD = ['different', 'damaged', 'missing', 'unclear'] as const;
const MAX_NAMED = 10;

export function drillText(
  drills: readonly (Drilled & { record: string | null })[],
  language: Language,
  terminal: Terminal,
): string {
  const lines = drills.flatMap((drilled) => [...oneDrill(drilled, language, terminal), '']);
  if (drills.some(({ record }) => record === null)) {
    lines.push(
      ...wrap(
        speaker(language)({
          en: 'Not recorded: this machine is not enrolled at a collector (nachweis enrol), so this proves nothing to others.',
          de: 'Nicht festgehalten: Diese Maschine ist bei keinem Kollektor angemeldet (nachweis enrol); anderen beweist das nichts.',
        }),
        terminal.width,
      ),
    );
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function oneDrill({ drill, files }: Drilled, language: Language, terminal: Terminal): string[] {
  const say = speaker(language);
  const { outcome, problem, tool, job, repository, snapshot, milliseconds, bytes, sample } = drill;
  const total = drillTotal(drill);
  const head = `${MARK[outcome]} ${job} (${tool}): ${say(VERDICT[outcome])}`;
  const lines = wrap(head, terminal.width).map((line) => terminal.paint(COLOUR[outcome], line));
  const row = (name: Text, value: string): void => {
    lines.push(...wrap(value, terminal.width, `  ${say(name).padEnd(12)}`));
  };
  if (problem) lines.push(...wrap(say(drillProblemTexts[problem]), terminal.width, '  → '));
  if (repository.location) row({ en: 'Repository', de: 'Repository' }, repository.location);
  if (snapshot) {
    const id = snapshot.id === null ? '' : ` (${snapshot.id.slice(0, 8)})`;
    row({ en: 'Backup of', de: 'Stand' }, `${snapshot.at.slice(0, 16).replace('T', ' ')} UTC${id}`);
  }
  if (total > 0) {
    for (const key of Object.keys(RESULTS) as (keyof Drill['files'])[]) {
      const count = drill.files[key];
      if (count === 0) continue;
      row(
        key === 'source' ? { en: 'Compared', de: 'Verglichen' } : { en: '', de: '' },
        `${count} ${say(COUNTED(count))} ${say(RESULTS[key])}`,
      );
      const shown = files.filter(({ result }) => result === key && BAD.some((bad) => bad === key));
      for (const { path } of shown.slice(0, MAX_NAMED)) lines.push(`${' '.repeat(16)}${redact(path)}`);
      if (shown.length > MAX_NAMED)
        lines.push(`${' '.repeat(16)}… ${say({ en: 'and', de: 'und' })} ${shown.length - MAX_NAMED}`);
    }
  }
  if (drill.attributes) {
    const off = files.filter(({ attributes = [] }) => attributes.length > 0);
    row(
      { en: 'Attributes', de: 'Attribute' },
      off.length === 0
        ? say({
            en: `mode, owner and time of ${drill.attributes.compared} are as on this host`,
            de: `Modus, Eigentümer und Zeit von ${drill.attributes.compared} sind wie auf diesem System`,
          })
        : say({
            en: `NOT as on this host, though unchanged since the backup: ${off.length} of ${drill.attributes.compared}`,
            de: `NICHT wie auf diesem System, obwohl seit der Sicherung unverändert: ${off.length} von ${drill.attributes.compared}`,
          }),
    );
    for (const { path, attributes = [] } of off.slice(0, MAX_NAMED))
      lines.push(
        `${' '.repeat(16)}${redact(path)}: ${attributes.map((kind) => say(ATTRIBUTES[kind])).join(', ')}`,
      );
  }
  if (milliseconds.firstByte !== null) {
    row(
      { en: 'Took', de: 'Dauer' },
      say({
        en: `${secondsText(milliseconds.restored, 'en')} for ${bytesText(bytes, 'en')}; first byte after ${secondsText(milliseconds.firstByte, 'en')}`,
        de: `${secondsText(milliseconds.restored, 'de')} für ${bytesText(bytes, 'de')}; erstes Byte nach ${secondsText(milliseconds.firstByte, 'de')}`,
      }),
    );
  }
  if (total > 0 && sample.named.length === 0) {
    row(
      { en: 'Sample', de: 'Stichprobe' },
      say({ en: `drawn at random, seed ${sample.seed}`, de: `zufällig gezogen, Startwert ${sample.seed}` }),
    );
  }
  return lines;
}

const COUNTED = (count: number): Text =>
  count === 1 ? { en: 'file:', de: 'Datei:' } : { en: 'files:', de: 'Dateien:' };

const decimal = (value: number, language: Language): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value);

export const secondsText = (ms: number, language: Language): string =>
  ms < 120_000 ? `${decimal(ms / 1000, language)} s` : `${decimal(ms / 60_000, language)} min`;

export function bytesText(bytes: number, language: Language): string {
  const units = ['Bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = bytes;
  for (; value >= 1000 && at < units.length - 1; at += 1) value /= 1000;
  return `${decimal(value, language)} ${at === 0 && language === 'en' ? 'bytes' : units[at]}`;
}
