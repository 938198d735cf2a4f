/** Which distribution this is: os-release(5). */
import { defineFact, mapFact } from '../fact.ts';

export interface OsRelease {
  /** ID, lower case; `linux` where the file names none (the default of the man page). */
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly like: readonly string[];
  readonly codename: string;
  /** SUPPORT_END, YYYY-MM-DD, where the distribution states it. */
  readonly supportEnd?: string;
}

/** With which package manager a distribution is kept up to date, whatever else is installed there. */
export function distributionManager(os: Pick<OsRelease, 'id' | 'like'>): 'apt' | 'dnf' | 'zypper' {
  const names = [os.id, ...os.like];
  const is = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
  if (is(/suse|^sles/)) return 'zypper';
  return is(/^(?:rhel|fedora|centos|almalinux|rocky|ol|amzn)$/) ? 'dnf' : 'apt';
}

/** Pure. Unknown or broken lines are skipped, the last assignment wins, as in a shell. */
export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], unquote(match[2]));
  }
  const id = (values.get('ID') || 'linux').toLowerCase();
  const supportEnd = values.get('SUPPORT_END');
  return {
    id,
    version: values.get('VERSION_ID') ?? '',
    name: values.get('PRETTY_NAME') || values.get('NAME') || id,
    like: (values.get('ID_LIKE') ?? '').toLowerCase().split(/\s+/).filter(Boolean),
    codename: values.get('VERSION_CODENAME') ?? '',
    ...(supportEnd ? { supportEnd } : {}),
  };
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  const inner = quoted?.[2] ?? value;
  return quoted?.[1] === "'" ? inner : inner.replace(/\\(["$`\\])/g, '$1');
}

export const osRelease = defineFact<OsRelease>({
  id: 'os-release',
  collect: async (host) => {
    const etc = await host.readText('/etc/os-release', { maxBytes: 64 * 1024 });
    const file =
      etc.state === 'absent' ? await host.readText('/usr/lib/os-release', { maxBytes: 64 * 1024 }) : etc;
    return mapFact(file, ({ text }) => parseOsRelease(text));
  },
});
