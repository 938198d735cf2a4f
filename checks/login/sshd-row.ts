/** One row of the table of login.sshd-*: a keyword, what is wanted of it, and what people are told about it. */
import type { Severity, Text } from '../../shared/outcome.ts';
import type { Question } from './sshd-judge.ts';
import type { Measure } from './sshd-measure.ts';

export interface Row {
  /** As in sshd_config(5). */
  readonly keyword: string;
  /** Keywords that matter to the verdict besides. */
  readonly also?: readonly string[];
  readonly id: string;
  readonly severity: Severity;
  readonly who?: Question['who'];
  readonly measure: Measure;
  readonly title: Text;
  readonly why: Text;
  /** What to write, in the remedy's sentence. */
  readonly line: string;
  /** A sentence more in the remedy: what older versions call it. */
  readonly note?: Text;
  readonly references: readonly string[];
  /** What it means that `sshd -T` does not print the keyword: the build lacks what it would switch. */
  readonly unprinted?: string;
  /** First version without such a switch, and what it does instead. */
  readonly gone?: { readonly since: string; readonly reason: Text };
}
