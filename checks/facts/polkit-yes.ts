/**
 * Rules of the administrator with which polkit(8) answers yes without asking. They are programs (JavaScript), so that
 * whom they let do what is not told here; the vendor's own rules are left alone.
 */
import { defineFact, known } from '../fact.ts';

export interface PolkitYes {
  readonly source: string;
  readonly line: number;
}

const DIRECTORIES = [
  '/etc/polkit-1/rules.d',
  '/run/polkit-1/rules.d',
  '/usr/local/share/polkit-1/rules.d',
] as const;
const AUTHORITY = '/etc/polkit-1/localauthority';
const AUTHORITY_PARTS = ['10-vendor.d', '20-org.d', '30-site.d', '50-local.d', '90-mandatory.d'] as const;

/** Pure. Comments that fill their line are left out; a comment behind code may cost an `unknown`, no more. */
export function answersYes(text: string, source: string): PolkitYes[] {
  const wanted = source.endsWith('.pkla') ? /^\s*Result(?:Any|Inactive|Active)\s*=\s*yes/i : /\bYES\b/;
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .split('\n')
    .flatMap((line, index) =>
      wanted.test(line) && !/^\s*(?:\/\/|#)/.test(line) ? [{ source, line: index + 1 }] : [],
    );
}

export const polkitYes = defineFact<readonly PolkitYes[]>({
  id: 'polkit-yes',
  collect: async (host) => {
    const found: PolkitYes[] = [];
    const directories = [...DIRECTORIES, ...AUTHORITY_PARTS.map((part) => `${AUTHORITY}/${part}`)];
    for (const directory of directories) {
      const names = await host.list(directory);
      if (names.state === 'unreadable') return names;
      if (names.state === 'absent') continue;
      for (const name of names.value) {
        if (!/\.(?:rules|pkla)$/.test(name)) continue;
        const file = await host.readText(`${directory}/${name}`, { encoding: 'latin1' });
        if (file.state === 'unreadable') return file;
        if (file.state === 'known') found.push(...answersYes(file.value.text, `${directory}/${name}`));
      }
    }
    return known(found);
  },
});
