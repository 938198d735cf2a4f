/**
 * A system of the RHEL family that is kept at a minor release: by the variable `releasever` of dnf, or by addresses
 * that name one (subscription-manager release --set writes them). When the next minor release is out, such a system gets
 * nothing any more, unless its sources are those of extended support (EUS and the like).
 */
import { absent, defineFact, type Fact, known } from '../fact.ts';
import { enabledRepos, yumRepos } from './yum-repos.ts';

export interface PinnedMinor {
  /** `9.4`. */
  readonly minor: string;
  readonly source: string;
  readonly line?: number;
  /** Kinds of extended support that its sources are of, and where that is seen. */
  readonly extended: readonly { readonly kind: 'eus' | 'e4s' | 'aus' | 'tus'; readonly source: string }[];
}

const VARIABLES = ['/etc/dnf/vars/releasever', '/etc/yum/vars/releasever'] as const;
const IN_ADDRESS = /\/(?:content\/(?:dist|eus|e4s|aus|tus)\/[^/]+|vault)\/(\d{1,2}\.\d{1,2})(?:\/|$)/;

/** Absent where it follows its major release. */
export const pinnedMinor = defineFact<PinnedMinor>({
  id: 'pinned-minor',
  collect: async (host, get): Promise<Fact<PinnedMinor>> => {
    const repos = await get(yumRepos);
    if (repos.state !== 'known') return repos;
    const enabled = enabledRepos(repos.value);
    const addresses = enabled.map((entry) => ({
      entry,
      text: [entry.values.get('baseurl'), entry.values.get('mirrorlist')].join(' '),
    }));
    const extended = addresses.flatMap(({ entry, text }) => {
      const kind =
        /-(eus|e4s|aus|tus)-/.exec(`${entry.id}-`)?.[1] ?? /\/content\/(eus|e4s|aus|tus)\//.exec(text)?.[1];
      return kind === 'eus' || kind === 'e4s' || kind === 'aus' || kind === 'tus'
        ? [{ kind, source: entry.file } as const]
        : [];
    });
    for (const path of VARIABLES) {
      const file = await host.readText(path, { maxBytes: 4096 });
      if (file.state === 'unreadable') return file;
      const minor =
        file.state === 'known' ? /^\s*(\d{1,2}\.\d{1,2})\s*$/.exec(file.value.text)?.[1] : undefined;
      if (minor) return known({ minor, source: path, extended });
    }
    for (const { entry, text } of addresses) {
      const minor = IN_ADDRESS.exec(text)?.[1];
      if (minor) return known({ minor, source: entry.file, line: entry.line, extended });
    }
    return absent(VARIABLES[0]);
  },
});

export interface MinorEnds {
  /** When the next minor release came out; left out where no source says that it has. */
  readonly next?: string;
  readonly eus?: string;
}

/**
 * Days on which the next minor release of RHEL came out, and ends of EUS (24 months from the release:
 * access.redhat.com/articles/rhel-eus). 9.8 and 10.2 are seen in use on 2026-06-18, so that 9.7 and 10.1 had ended by
 * then; of what followed them no source was found. What is not in here is unknown, not supported.
 */
const ENDS: Readonly<Record<string, MinorEnds>> = {
  '8.0': { next: '2019-11-05' },
  '8.1': { next: '2020-04-28', eus: '2021-11-30' },
  '8.2': { next: '2020-11-03', eus: '2022-04-30' },
  '8.3': { next: '2021-05-18' },
  '8.4': { next: '2021-11-09', eus: '2023-05-31' },
  '8.5': { next: '2022-05-10' },
  '8.6': { next: '2022-11-09', eus: '2024-05-31' },
  '8.7': { next: '2023-05-16' },
  '8.8': { next: '2023-11-14', eus: '2025-05-31' },
  '8.9': { next: '2024-05-22' },
  '9.0': { next: '2022-11-15', eus: '2024-05-31' },
  '9.1': { next: '2023-05-10' },
  '9.2': { next: '2023-11-07', eus: '2025-05-31' },
  '9.3': { next: '2024-04-30' },
  '9.4': { next: '2024-11-12', eus: '2026-04-30' },
  '9.5': { next: '2025-05-20' },
  '9.6': { next: '2025-11-11', eus: '2027-05-31' },
  '9.7': { next: '2026-06-18' },
  '9.8': { eus: '2028-05-31' },
  '10.0': { next: '2025-11-11', eus: '2027-05-31' },
  '10.1': { next: '2026-06-18' },
  '10.2': { eus: '2028-05-31' },
};

/** The last minor release of a major one: no other follows it. */
const LAST = new Set(['7.9', '8.10', '9.10', '10.10']);

export const isLastMinor = (minor: string): boolean => LAST.has(minor);

export const minorEnds = (minor: string): MinorEnds | undefined =>
  Object.hasOwn(ENDS, minor) ? ENDS[minor] : undefined;
