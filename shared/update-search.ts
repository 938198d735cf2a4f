/**
 * What people find a pending update by: package, source package, installed version, advisories, CVE numbers. Never by
 * the version that is on offer: whoever asks who still has a version does not want those who are about to get it.
 *
 * A word with a letter in it is looked for anywhere in names, advisories and CVE numbers. In versions, words count from
 * where a part begins, and no number is cut: `3.0.1` is not 3.0.11, and `3.0` is both. A number alone stands for the
 * version as it begins (its epoch may be left out), for a part of a package's name (`openjdk 17`), and from four digits
 * on for the number of an advisory.
 */
import type { UpdateEntry } from './update-list.ts';

export interface UpdateKeys {
  /** Lower case, one a line: package, its source, advisories, CVE numbers. */
  readonly names: string;
  /** Versions and numbers with marks where they may begin and where numbers end; `numberPattern` knows them. */
  readonly versions: string;
}

/** Where a version begins, and one with its epoch; a part of it; a part of a name; a part of an advisory's number. */
const MARKS = { version: '^', full: '!', part: '<', name: '#', advisory: '@', end: '$' } as const;
const NO_MARKS = /[\^!<#@$\s]/g;

/** Each number with its end marked, and each part that follows a separator with its beginning. */
function marked(text: string, begin: string): string {
  const parts = text.toLowerCase().replace(NO_MARKS, '').replace(/\d+/g, `$&${MARKS.end}`);
  return parts.replace(/[-+~:_]+|\.(?=[a-z])/g, (separators) => separators + begin);
}

const withoutEpoch = (version: string): string => version.replace(/^\d+:/, '');

type Named = Pick<UpdateEntry, 'name' | 'source' | 'installed' | 'advisories'>;

/** @param cves what its advisories are about */
export function updateKeys(
  { name, source, installed, advisories }: Named,
  cves: readonly string[] = [],
): UpdateKeys {
  const version = withoutEpoch(installed);
  const names = [name, ...(source ? [source] : [])];
  const numbers = [...advisories, ...cves];
  return {
    names: [...names, ...numbers].map((each) => each.toLowerCase().replace(/\s/g, '')).join('\n'),
    versions: [
      `${MARKS.version}${MARKS.part}${marked(version, MARKS.part)}`,
      `${MARKS.full}${MARKS.part}${marked(installed, MARKS.part)}`,
      // As rpm and dnf name both together: `openssl-3.0.7-27.el9`, `openssl-1:3.0.7-27.el9`.
      ...names.flatMap((each) =>
        [...new Set([version, installed])].map(
          (one) => `${MARKS.part}${marked(`${each}-${one}`, MARKS.part)}`,
        ),
      ),
      ...names.map((each) => `${MARKS.name}${marked(each, MARKS.name)}`),
      ...numbers.map((each) => `${MARKS.advisory}${marked(each, MARKS.advisory)}`),
    ].join('\n'),
  };
}

export interface UpdateWord {
  readonly word: string;
  /** Of a number only a host's whole name counts, or its first part; else it may be contained in that or in `names`. */
  readonly isNumber: boolean;
  /** One of these is contained in `versions`. */
  readonly versions: readonly string[];
}

/**
 * What the words of a search look for; each of them has to be found. Also what is pasted: `openssl=3.0.11-1` (apt),
 * `libssl3:amd64` (dpkg), `openssl-3.0.7-27.el9.x86_64` (rpm).
 */
export function searchWords(search: string): readonly UpdateWord[] {
  return search
    .toLowerCase()
    .split(/[\s,;=@]+/)
    .map((word) =>
      word
        .replace(/:[a-z]\w*$/, '')
        .replace(/\.(?:noarch|x86_64|aarch64|i[3-6]86|s390x|ppc64le)$/, '')
        .replace(NO_MARKS, ''),
    )
    .filter(Boolean)
    .map(wordOf);
}

function wordOf(word: string): UpdateWord {
  const as = (mark: string): string => mark + marked(word, mark);
  if (/[^\d.:+~_-]/.test(word)) return { word, isNumber: false, versions: [as(MARKS.part)] };
  const version = (word.includes(':') ? MARKS.full : MARKS.version) + as(MARKS.part);
  const advisory = /^\d{4}/.test(word) ? [as(MARKS.advisory)] : [];
  return { word, isNumber: true, versions: [version, as(MARKS.name), ...advisory] };
}
