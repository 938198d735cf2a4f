/** One digest over what an answer depends on, so that "nothing has changed since" can be told without asking again. */
import { toHex, utf8 } from '../../shared/bytes.ts';
import { digestOf } from '../../shared/bytes-node.ts';
import { type Fact, known, unreadable, valueIn } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';

export interface Inputs {
  /** By identity; not being there is an identity too. */
  readonly files: readonly string[];
  /** Every file directly in them, by identity. */
  readonly directories: readonly string[];
  /** Small files, by their text. */
  readonly contents: readonly string[];
  /** Whatever else counts: answers already known, the version of the reader. */
  readonly extra?: readonly string[];
}

/** Two changes within one tick of the kernel's clock leave the same times: what is as new as this may change unseen. */
const UNSETTLED_MS = 2_000;

/**
 * SHA-256, hex. Unreadable where something can't be looked at, and where something was changed within the two
 * seconds before `now`.
 */
export async function digestInputs(host: Host, inputs: Inputs, now: Date): Promise<Fact<string>> {
  const lines: string[] = [...(inputs.extra ?? [])];
  let unsettled: string | undefined;
  const identity = (path: string, stat: Fact<FileStat>): string => {
    if (stat.state === 'absent') return 'absent';
    const { identity: same, changed } = valueIn(stat);
    if (same === undefined || Math.abs(now.getTime() - Date.parse(changed)) < UNSETTLED_MS) unsettled = path;
    return same ?? '';
  };
  const add = (path: string, what: string): void => {
    lines.push(`${JSON.stringify(path)} ${what}`);
  };
  for (const path of inputs.files) add(path, identity(path, await host.stat(path)));
  for (const directory of inputs.directories) {
    const names = await host.list(directory);
    if (names.state === 'unreadable') return names;
    for (const name of names.state === 'known' ? names.value : []) {
      const path = `${directory}/${name}`;
      const stat = await host.stat(path);
      if (stat.state === 'known' && stat.value.type === 'directory') continue;
      add(path, identity(path, stat));
    }
  }
  for (const path of inputs.contents) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    add(path, file.state === 'known' ? `text ${JSON.stringify(file.value.text)}` : 'absent');
  }
  if (unsettled !== undefined) {
    return unreadable(unsettled, {
      en: `${unsettled} was changed just now`,
      de: `${unsettled} wurde eben erst geändert`,
    });
  }
  return known(toHex(digestOf('sha256', utf8(lines.join('\n')))));
}
