/**
 * The configuration of IBM Storage Protect's client: dsm.sys with a stanza for each server, and the user's dsm.opt, as
 * documented in "Client options reference".
 */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import { type BackupCall, optionValue } from './backup-call.ts';

const DIRECTORIES = ['/opt/tivoli/tsm/client/ba/bin', '/opt/tivoli/tsm/client/api/bin64', '/etc/tsm'];

export interface Stanza {
  readonly name: string;
  readonly line: number;
  /** Names of options in lower case, as written. */
  readonly options: ReadonlyMap<string, string>;
  /** All rows: some options may stand several times. */
  readonly statements: readonly string[];
}

/** The servers of dsm.sys, or the one that dsm.opt chooses. Pure. Never throws. */
export function stanzasIn(text: string): Stanza[] {
  const found: { name: string; line: number; options: Map<string, string>; statements: string[] }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const row = raw.trim();
    if (row === '' || row.startsWith('*')) continue;
    const [, key = '', value = ''] = /^(\S+)(?:\s+(.*))?$/.exec(row) ?? [];
    if (/^se(?:rvername)?$/i.test(key) || /^se(?:r|rv|rve|rver|rvern|rverna|rvernam)$/i.test(key))
      found.push({ name: value, line: index + 1, options: new Map(), statements: [] });
    else {
      found.at(-1)?.options.set(key.toLowerCase(), value.replace(/^(["'])(.*)\1$/, '$2'));
      found.at(-1)?.statements.push(row);
    }
  }
  return found;
}

/** The value of an option of which any abbreviation from `least` on will do. */
export function stanzaValue({ options }: Stanza, name: string, least: string): string | undefined {
  for (const [key, value] of options) if (key.length >= least.length && name.startsWith(key)) return value;
  return undefined;
}

export interface StorageProtectClient {
  /** Its dsm.sys. */
  readonly source: string;
  /**
   * What holds for a call: the stanza that it names, else that of dsm.opt, else the first, with the options of dsm.opt.
   * Undefined where dsm.sys names no server.
   */
  readonly stanzaOf: (call?: BackupCall) => Stanza | undefined;
}

/** Undefined where there is no dsm.sys; one that can't be read is told in `gaps`. */
export async function storageProtectClient(
  host: Host,
  gaps: Text[],
): Promise<StorageProtectClient | undefined> {
  for (const directory of DIRECTORIES) {
    const source = `${directory}/dsm.sys`;
    const file = await host.readText(source, { encoding: 'latin1' });
    if (file.state === 'unreadable') gaps.push(file.reason);
    if (file.state !== 'known') continue;
    const stanzas = stanzasIn(file.value.text);
    const user = await host.readText(`${directory}/dsm.opt`, { encoding: 'latin1' });
    const chosen = user.state === 'known' ? stanzasIn(user.value.text)[0] : undefined;
    const stanzaOf = (call?: BackupCall): Stanza | undefined => {
      const name = (optionValue(call?.options ?? [], 'stanza') || chosen?.name)?.toLowerCase();
      const stanza = stanzas.find((each) => each.name.toLowerCase() === name) ?? stanzas[0];
      return (
        stanza && {
          ...stanza,
          options: new Map([...stanza.options, ...(chosen?.options ?? [])]),
          statements: [...stanza.statements, ...(chosen?.statements ?? [])],
        }
      );
    };
    return { source, stanzaOf };
  }
  return undefined;
}
