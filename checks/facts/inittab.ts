/** /etc/inittab of sysvinit, inittab(5). systemd does not read it. */
import { absent, defineFact, known } from '../fact.ts';

export const INITTAB = '/etc/inittab';

export interface InittabEntry {
  readonly line: number;
  readonly id: string;
  readonly action: string;
  /** The command's words, without the `+` that switches accounting off. */
  readonly words: readonly string[];
}

/** Pure, never throws. */
export function parseInittab(text: string): InittabEntry[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const content = raw.trimStart();
    const [id, , action, ...process] = content.split(':');
    if (content.startsWith('#') || id === undefined || action === undefined) return [];
    const words = process.join(':').trim().replace(/^\+/, '').split(/\s+/).filter(Boolean);
    return [{ line: index + 1, id, action, words }];
  });
}

/** Absent where there is none, or where the system's init is systemd. */
export const inittab = defineFact<readonly InittabEntry[]>({
  id: 'inittab',
  collect: async (host) => {
    const init = await host.realPath('/sbin/init');
    if (init.state === 'known' && init.value.endsWith('/systemd')) return absent(INITTAB);
    const file = await host.readText(INITTAB, { encoding: 'latin1' });
    return file.state === 'known' ? known(parseInittab(file.value.text)) : file;
  },
});
