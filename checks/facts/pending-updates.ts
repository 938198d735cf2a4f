/**
 * One shape for what waits, whichever package manager says so: apt, dnf and zypper fill it, and
 * patch.security-updates and patch.index-fresh judge it without knowing them.
 */
import type { Text } from '../../shared/outcome.ts';
import { MAX_UPDATE_CVES, type UpdateFate, type UpdateSeverity } from '../../shared/update-list.ts';
import type { Fact, FactDefinition } from '../fact.ts';

/**
 * What becomes of an update when the system is upgraded as it is configured.
 *
 *   installable    the next upgrade brings it
 *   held           apt-mark hold, versionlock, a zypper lock
 *   phased         deferred by phasing
 *   pinned         a pin, a default release, a module or a vendor rule hides it
 *   kept-back      the package manager leaves it out for its dependencies
 *   subscription   it lies behind a subscription that this system does not have
 *   unsure         the solver gave no answer
 */
export type Fate = UpdateFate;

export interface PendingUpdate {
  readonly name: string;
  /** As the package manager names it; `''` where it does not say. */
  readonly arch: string;
  /** What it was built from, where that has another name and the package manager says it. */
  readonly source?: string;
  readonly installed: string;
  /** The newest version that closes a hole: not always what the next upgrade would bring. */
  readonly candidate: string;
  /** The archive or repository, as people know it: `Debian-Security bookworm-security`, `baseos`. */
  readonly origin: string;
  /** `DSA-5432-1`, `RHSA-2026:1234`, sorted; empty where the indexes name none. */
  readonly advisories: readonly string[];
  readonly severity: UpdateSeverity;
  /** When it was published, where the indexes say so: UTC instant. */
  readonly published?: string;
  /** When the index was made that lists it: it has been there at least since then. UTC instant. */
  readonly listed?: string;
  readonly fate: Fate;
}

/** An update, and since when it is known to wait here. */
export interface WaitingUpdate extends PendingUpdate {
  /** UTC instant; undefined where nothing says it. */
  readonly since?: string;
  /** Whether it began then; otherwise it may have been waiting longer, before anybody looked. */
  readonly exact: boolean;
  readonly from: 'published' | 'index' | 'seen' | 'nowhere';
}

/** An installed package that no source has any more, under any version. */
export interface ObsoletePackage {
  readonly name: string;
  readonly version: string;
}

/** A security update that was installed, and since when it could have been. */
export interface SecurityUpgrade {
  readonly name: string;
  readonly version: string;
  /** UTC instants. */
  readonly available: string;
  readonly installed: string;
  /** Days, to one decimal. */
  readonly waited: number;
}

/** What was installed lately, by the package manager's own history. */
export interface Installs {
  /** In the order of their installation; at most `MAX_PENDING`. */
  readonly upgrades: readonly SecurityUpgrade[];
  /** When packages came that closed a hole of which it can't be told how long it had been open: UTC instants, sorted. */
  readonly unexplained: readonly string[];
}

/** By advisory: the holes that it closes, as `CVE-2026-4711`, sorted. */
export type Holes = Readonly<Record<string, readonly string[]>>;

/** What one package manager says. */
export interface ManagerAnswer {
  /** Sorted by name, then architecture; at most `MAX_PENDING`. */
  readonly updates: readonly PendingUpdate[];
  /** Why there may be more of them (solver refused, an index that can't be read, a run that was interrupted). */
  readonly doubt?: Text;
  /** Of the advisories of `updates`; left out where the indexes name none, as those of apt. */
  readonly holes?: Holes;
  /** When a transaction began that was never finished: UTC instant. */
  readonly unfinished?: string;
  /** Sorted by name; left out where that was not looked for or could not be told. */
  readonly obsolete?: readonly ObsoletePackage[];
  /** Left out where there is no history that can be read; apt's is read apart (`dpkg-history.ts`). */
  readonly installs?: Installs;
}

/** More than this many is not counted on: an answer cut there carries a doubt. */
export const MAX_PENDING = 2000;

/** The index of one source, and when it was last reached. Instants in UTC. */
export interface PackageIndex {
  /** Address and suite, or repository id and address; without user part. */
  readonly place: string;
  /** The index; of one that was never fetched the file that names the source. */
  readonly file: string;
  readonly line?: number;
  readonly fetched: boolean;
  /** When the archive made it, by its own (signed) word. */
  readonly made?: string;
  /** Undefined also where its source is told not to heed it, unless security updates come from it. */
  readonly validUntil?: string;
  /** No later than this was the source reached. Undefined where that can not be seen. */
  readonly reached?: string;
  /** Whether `reached` is the moment of an update, and not that at which the system was copied or unpacked. */
  readonly reachedByUpdate: boolean;
  /** Whether security updates come from it. */
  readonly security: boolean;
}

/** What a package manager has to bring to be judged. */
export interface PackageManager {
  readonly id: 'apt' | 'dnf' | 'zypper';
  /** What was asked, for evidence: `apt-get -s dist-upgrade`. */
  readonly source: string;
  /** The same for packages that no source has. */
  readonly obsoleteSource: string;
  /** Where its history is read: for evidence. */
  readonly history: string;
  /** Absent where it is not installed. */
  readonly indexes: FactDefinition<readonly PackageIndex[]>;
  /**
   * SHA-256 (hex) over everything that the answer depends on: the identities (`FileStat.identity`) of indexes and
   * package database, contents of configuration, the boot, the programs. While it stays, the last answer holds.
   * Unreadable where that can't be told: then it is asked every time.
   */
  readonly inputs: FactDefinition<string>;
  /** Asks. Absent where it is not installed. */
  readonly answer: FactDefinition<ManagerAnswer>;
  /** Why "none pending" can't be believed from these indexes, whatever their age (no source of security updates). */
  readonly gap: FactDefinition<Text | undefined>;
}

export type Answer = Fact<ManagerAnswer>;

const CVE = /^CVE-\d{4}-\d{4,7}$/;

/** Of the advisories that `updates` name, at most `MAX_UPDATE_CVES` numbers; undefined where there are none. */
export function holesOf(
  updates: readonly PendingUpdate[],
  said: ReadonlyMap<string, readonly string[]>,
): Holes | undefined {
  const holes: Record<string, readonly string[]> = {};
  let left = MAX_UPDATE_CVES;
  for (const advisory of [...new Set(updates.flatMap(({ advisories }) => advisories))].sort()) {
    const cves = [...new Set(said.get(advisory)?.filter((each) => CVE.test(each)))].sort().slice(0, left);
    if (cves.length > 0) holes[advisory] = cves;
    left -= cves.length;
  }
  return left < MAX_UPDATE_CVES ? holes : undefined;
}
