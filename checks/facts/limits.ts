/** Limits that pam_limits sets: limits.conf(5), limits.d in the order of names; the vendor's file where there is no other. */
import { defineFact, type Fact, known } from '../fact.ts';

export interface LimitLine {
  readonly source: string;
  readonly line: number;
  /** `*`, an account, `@group`, `%group`, ranges of ids. */
  readonly domain: string;
  readonly item: string;
  readonly value: string;
}

/** Pure. What does not have four fields is skipped, as pam_limits does. */
export function parseLimits(text: string, source: string): LimitLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const [domain, type, item, value] = (raw.split('#')[0] ?? '').trim().split(/\s+/);
    if (!domain || !item || value === undefined || !/^(?:hard|soft|-)$/.test(type ?? '')) return [];
    return [{ source, line: index + 1, domain, item: item.toLowerCase(), value }];
  });
}

export const limits = defineFact<readonly LimitLine[]>({
  id: 'limits',
  collect: async (host): Promise<Fact<readonly LimitLine[]>> => {
    const paths: string[] = [];
    for (const path of ['/etc/security/limits.conf', '/usr/etc/security/limits.conf'])
      if (paths.length === 0 && (await host.stat(path)).state !== 'absent') paths.push(path);
    const names = await host.list('/etc/security/limits.d');
    if (names.state === 'unreadable') return names;
    if (names.state === 'known')
      paths.push(
        ...names.value
          .filter((name) => name.endsWith('.conf'))
          .map((name) => `/etc/security/limits.d/${name}`),
      );
    const lines: LimitLine[] = [];
    for (const path of paths) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') lines.push(...parseLimits(file.value.text, path));
    }
    return known(lines);
  },
});
