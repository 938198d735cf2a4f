/**
 * Where any sshd configuration lets empty passwords in. Deliberately wider than what sshd would do: every line counts,
 * in whatever Match block and order, because this only decides about an account that has an empty password.
 */
import { defineFact, known } from '../fact.ts';

export interface Place {
  readonly source: string;
  readonly line: number;
}

/** Pure, never throws. */
export function permitsEmptyPasswords(text: string, source: string): Place[] {
  return text
    .split(/\r?\n/)
    .flatMap((raw, index) =>
      /^\s*"?permitemptypasswords"?[\s=]+"?yes\b/i.test(raw) ? [{ source, line: index + 1 }] : [],
    );
}

export const sshdEmptyPasswords = defineFact<readonly Place[]>({
  id: 'sshd-empty-passwords',
  collect: async (host) => {
    const places: Place[] = [];
    for (const base of ['/etc/ssh', '/usr/etc/ssh', '/usr/share/openssh']) {
      const dropIns = await host.list(`${base}/sshd_config.d`);
      if (dropIns.state === 'unreadable') return dropIns;
      const names = dropIns.state === 'known' ? dropIns.value.filter((name) => name.endsWith('.conf')) : [];
      for (const path of [`${base}/sshd_config`, ...names.map((name) => `${base}/sshd_config.d/${name}`)]) {
        const file = await host.readText(path, { encoding: 'latin1' });
        if (file.state === 'unreadable') return file;
        if (file.state === 'known') places.push(...permitsEmptyPasswords(file.value.text, path));
      }
    }
    return known(places);
  },
});
