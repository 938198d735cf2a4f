/** What the readers of the tools' patterns share: see backup-selection.ts. */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import type { BackupCall } from './backup-call.ts';

/** Whether patterns keep a path, named as below `root.path`. */
export type Keeps = (path: string, root: string, isDirectory: boolean) => boolean;

export interface Notes {
  readonly host: Host;
  readonly mayAdd: Text[];
  readonly mayDrop: Text[];
}

export interface Selected {
  readonly paths: readonly string[];
  readonly keeps: Keeps;
  readonly tags: readonly string[];
  readonly points?: readonly { path: string; keeps: Keeps; oneFileSystem: boolean }[];
  readonly oneFileSystem?: boolean;
  readonly marks?: readonly string[];
}

export type Select = (notes: Notes, call: BackupCall) => Promise<Selected>;

const MAX_LINES = 5000;

/** The lines of a file of paths or patterns; where it can't be read, that is noted in `list`. */
export async function lines(
  notes: Notes,
  path: string | undefined,
  list: Text[],
  separator = '\n',
): Promise<string[]> {
  const file = path?.startsWith('/')
    ? await notes.host.readText(path, { maxBytes: 1024 * 1024, encoding: 'latin1' })
    : undefined;
  if (file?.state === 'known') {
    const found = file.value.text.split(separator);
    if (found.length <= MAX_LINES) return found;
  }
  list.push(
    file?.state === 'unreadable'
      ? file.reason
      : {
          en: 'a file with paths or patterns of the job is not there or can not be found',
          de: 'eine Datei mit Pfaden oder Mustern des Auftrags fehlt oder ist nicht zu finden',
        },
  );
  return [];
}

export const ODD_PATTERN: Text = {
  en: 'a pattern of the job was not understood',
  de: 'ein Muster des Auftrags wurde nicht verstanden',
};

export const uncommented = (all: readonly string[]): string[] =>
  all.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
