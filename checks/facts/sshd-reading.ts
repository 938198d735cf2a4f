/** What our own reader makes of sshd_config(5). */
import type { Text } from '../../shared/outcome.ts';
import type { Criterion, Principal } from './sshd-match.ts';

/** An effective value and the line it comes from; no source means the default of this version. */
export interface Setting {
  readonly value: string;
  readonly source?: string;
  readonly line?: number;
  /** The Match line whose block it stands in: `file:line`. */
  readonly match?: string;
  /** A list of algorithms that starts from the defaults of the build: sshd itself may know it better. */
  readonly relative?: boolean;
}

export interface MatchBlock {
  /** `file:line` of the Match line. */
  readonly at: string;
  readonly criteria: readonly Criterion[];
}

export interface SshdConfiguration {
  /** Every Match line, in the order in which sshd meets them. */
  readonly blocks: readonly MatchBlock[];
  /** The value of a keyword (lower case) for one kind of login; undefined where no line and no default sets it. */
  readonly effective: (principal: Principal, keyword: string) => Setting | undefined;
  /** The words with which sshd would end a connection of this kind, where it accepts the files as such. */
  readonly refusal: (principal: Principal) => string | undefined;
  /** The values outside of Match blocks; several for keywords that add up (`port`). */
  readonly global: (keyword: string) => readonly Setting[];
  /** Every file that was read. */
  readonly sources: readonly string[];
}

export type SshdReading =
  | { readonly state: 'read'; readonly configuration: SshdConfiguration }
  /** sshd would not start with these files; `words` are close to its own. */
  | { readonly state: 'refused'; readonly words: string; readonly source: string; readonly line?: number }
  | { readonly state: 'unsure'; readonly reason: Text; readonly source: string; readonly line?: number };
