/** Files of package sources, `*.repo`: one section per source, dnf.conf(5), zypper(8). Pure parsing. */

export interface RepoFileEntry {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** Lower-case keys; the last one counts. Lines of a value that goes on are joined by a space. */
  readonly values: ReadonlyMap<string, string>;
}

const MAX_LINE = 8192;

/** Never throws. `[main]` is not a source and left out; `#` and `;` begin comments at the start of a line. */
export function parseRepoFile(text: string, file: string): readonly RepoFileEntry[] {
  const entries: { id: string; file: string; line: number; values: Map<string, string> }[] = [];
  let key = '';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.slice(0, MAX_LINE);
    const at = entries.at(-1);
    if (/^\s*(?:[#;].*)?$/.test(line)) continue;
    const header = /^\[([^\]]{1,300})\]/.exec(line)?.[1];
    if (header !== undefined) {
      entries.push({ id: header.trim(), file, line: index + 1, values: new Map() });
      key = '';
    } else if (/^\s/.test(line) && key !== '' && at) {
      at.values.set(key, `${at.values.get(key) ?? ''} ${line.trim()}`.trim());
    } else if (line.includes('=') && at) {
      key = line.slice(0, line.indexOf('=')).trim().toLowerCase();
      at.values.set(key, line.slice(line.indexOf('=') + 1).trim());
    }
  }
  return entries.filter(({ id }) => id !== 'main');
}

/** The key's value as a boolean; `otherwise` where it is not given or no boolean. */
export function repoBoolean({ values }: RepoFileEntry, key: string, otherwise: boolean): boolean {
  const word = values.get(key)?.toLowerCase() ?? '';
  if (/^(?:1|yes|true|on)$/.test(word)) return true;
  return /^(?:0|no|false|off)$/.test(word) ? false : otherwise;
}

/**
 * Where the source lies: metalink, list of mirrors or the first address, without what may be credentials, also those
 * that are not written as an address wants them (`@`, `/` or `?` in a password).
 */
export function repoPlace({ values }: RepoFileEntry): string {
  const place = values.get('metalink') ?? values.get('mirrorlist') ?? values.get('baseurl') ?? '';
  const first = place.split(/[\s,]+/).find(Boolean) ?? '';
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/i.exec(first) ?? [];
  const [user, query] = [rest.lastIndexOf('@'), rest.search(/[?#]/)];
  const plain = rest.slice(user + 1).replace(/[?#].*$/, '');
  const [host = ''] = plain.split('/');
  // A password with `?` or `,` in it: what is left of it is not to be told from a host.
  const odd = (query >= 0 && query < user) || /:(?!\d*$)/.test(host.replace(/^\[[^\]]*\]/, ''));
  return odd ? scheme : `${scheme}${plain}`;
}

/**
 * Whether the index comes over a connection that proves nothing: http or ftp, to another machine. A metalink or a list of
 * mirrors that comes over TLS tells what the index must be, or where it is fetched from.
 */
export function isUnproven({ values }: RepoFileEntry): boolean {
  const places = values.get('metalink') ?? values.get('mirrorlist') ?? values.get('baseurl') ?? '';
  return places.split(/[\s,]+/).some((place) => /^(?:http|ftp):\/\//i.test(place) && !LOOPBACK.test(place));
}

const LOOPBACK = /^[a-z]+:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?:[:/]|$)/i;
