/**
 * A record of erasure or disposal to fill in, as YAML: everything that is known stands in it, everything that people
 * have to say is an empty value, which the collector refuses by name.
 */
import type { Language, Text } from './outcome.ts';

export interface FormDisk {
  readonly name: string;
  readonly serial: string;
  readonly model: string;
  readonly bytes: number;
}

export interface FormAbout {
  readonly tenant: string;
  readonly hostId: string;
  readonly hostName: string;
  readonly disks: readonly FormDisk[];
}

const quoted = (text: string) => JSON.stringify(text);

/** `960 GB`: as disks are sold. */
export function diskSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const step = bytes > 0 ? Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3)) : 0;
  const value = bytes / 1000 ** step;
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}

const words = {
  at: {
    de: 'wann gelöscht oder zuletzt überprüft, mit Zeitzone',
    en: 'when it was erased, or last verified, with the time zone',
  },
  author: { de: 'wer das bestätigt', en: 'who says so' },
  attachments: {
    de: 'die Protokolle oder Bescheinigungen; Dateien neben dieser, gespeichert wird ihr SHA-256',
    en: 'the logs or certificates; files beside this one, of which the SHA-256 is kept',
  },
  method: {
    de: 'nist-800-88-r1, nist-800-88-r2: clear, purge, destroy · bsi-con-6: overwrite, secure-erase, crypto-erase',
    en: 'nist-800-88-r1, nist-800-88-r2: clear, purge, destroy · bsi-con-6: overwrite, secure-erase, crypto-erase',
  },
  tool: {
    de: 'Werkzeug oder Befehl, etwa: nvme format -s 1',
    en: 'tool or command, such as: nvme format -s 1',
  },
  next: {
    de: 'reuse: weiter verwendet · return: an den Eigentümer · disposal: wird entsorgt',
    en: 'reuse: used on · return: to its owner · disposal: will be disposed of',
  },
  destroyed: {
    de: 'vernichtet statt gelöscht? dann method: { standard: din-66399, action: destroy, class: 3, level: 5, material: H, firm: … }',
    en: 'destroyed, not erased? then method: { standard: din-66399, action: destroy, class: 3, level: 5, material: H, firm: ... }',
  },
  label: {
    de: 'die Seriennummer war nicht zu lesen; sie steht auf dem Datenträger',
    en: 'the serial number could not be read; it stands on the disk',
  },
  volume: { de: 'wie es im Speichersystem heißt', en: 'as the storage calls it' },
  vmMethod: { de: 'wie gelöscht wurde', en: 'how it was erased' },
  confirmedBy: { de: 'wer es bestätigt hat', en: 'who confirmed it' },
  destroyedAt: { de: 'wann vernichtet, mit Zeitzone', en: 'when they were destroyed, with the time zone' },
  firm: { de: 'die Fachfirma', en: 'the specialist firm' },
  grades: {
    de: 'mindestens class 2 und level 4; material H (Festplatte) oder E (SSD, Flash)',
    en: 'at least class 2 and level 4; material H (hard disk) or E (SSD, flash)',
  },
  warranty: {
    de: 'Gewährleistung statt Vernichtung: kind: warranty mit agreedWith, agreedAt, solution und disks: [{ serial }]',
    en: 'warranty instead of destruction: kind: warranty with agreedWith, agreedAt, solution and disks: [{ serial }]',
  },
} satisfies Record<string, Text>;

function head({ tenant, hostName }: FormAbout, type: 'erasure' | 'disposal', say: (text: Text) => string) {
  return [
    `tenant: ${quoted(tenant)}`,
    `type: ${type}`,
    `subject: ${quoted(hostName)}`,
    `scope: { host: ${quoted(hostName)} }`,
    `author: ''  # ${say(words.author)}`,
    `attachments:  # ${say(words.attachments)}`,
    `  - file: ''`,
    'terms:',
  ];
}

const about = ({ name, model, bytes }: FormDisk) =>
  [name, model, bytes > 0 ? diskSize(bytes) : ''].filter(Boolean).join(', ');

/** @param identified whether the serial number is the disk's own, so that it can stand there already */
export function serverErasureForm(
  host: FormAbout,
  identified: (disk: FormDisk) => boolean,
  language: Language,
): string {
  const say = (text: Text) => text[language];
  return `${[
    ...head(host, 'erasure', say),
    '  kind: server',
    `  host: ${host.hostId}`,
    `  at: ''  # ${say(words.at)}`,
    `  # standard, action: ${say(words.method)}`,
    `  # next: ${say(words.next)}`,
    `  # ${say(words.destroyed)}`,
    '  disks:',
    ...host.disks.flatMap((disk) => [
      `    - serial: ${identified(disk) ? quoted(disk.serial) : `''`}  # ${about(disk)}${identified(disk) ? '' : `; ${say(words.label)}`}`,
      `      method: { standard: nist-800-88-r1, action: '', tool: '', next: '' }  # tool: ${say(words.tool)}`,
    ]),
  ].join('\n')}\n`;
}

export function vmErasureForm(host: FormAbout, language: Language): string {
  const say = (text: Text) => text[language];
  return `${[
    ...head(host, 'erasure', say).filter((line) => !/^(?:attachments| {2}- file)/.test(line)),
    '  kind: vm',
    `  host: ${host.hostId}`,
    `  at: ''  # ${say(words.at)}`,
    `  method: ''  # ${say(words.vmMethod)}`,
    `  confirmedBy: ''  # ${say(words.confirmedBy)}`,
    '  volumes:',
    ...host.disks.flatMap((disk) => [
      `    - device: ${quoted(disk.name)}  # ${about(disk)}`,
      `      volume: ''  # ${say(words.volume)}`,
    ]),
  ].join('\n')}\n`;
}

export function disposalForm(host: FormAbout, language: Language): string {
  const say = (text: Text) => text[language];
  return `${[
    ...head(host, 'disposal', say),
    `  # ${say(words.warranty)}`,
    '  kind: certificate',
    '  standard: din-66399',
    `  firm: ''  # ${say(words.firm)}`,
    `  at: ''  # ${say(words.destroyedAt)}`,
    `  # ${say(words.grades)}`,
    '  disks:',
    ...host.disks.map(
      (disk) =>
        `    - { serial: ${quoted(disk.serial)}, class: '', level: '', material: '' }  # ${about(disk)}`,
    ),
  ].join('\n')}\n`;
}
