/** A report as it is kept beside the test: whole, without what depends on the day or the mirror. */
import type { CheckResult } from './agent-run.ts';
import { debianMirror } from './debian-mirror.ts';

/** JSON as biome formats it: check id -> outcome, reason, evidence. */
export function goldenReport(results: readonly CheckResult[]): string {
  const { archive, security } = debianMirror();
  const steady = (text: string): string =>
    text
      .replaceAll(/SHA256:[\w+/]{43}/g, 'SHA256:<fingerprint>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
      // Passwords are as old as the root that a test made.
      .replaceAll(/(: changed on )\d{4}-\d\d-\d\d/g, '$1<day>')
      .replaceAll(/(\/var\/lib\/apt\/lists\/)\S*?(_dists_)/g, '$1<mirror>$2')
      .replaceAll(security, '<security>')
      .replaceAll(archive, '<archive>');
  const entries = results.map(({ check, ...rest }) => [check, rest] as const);
  const reviver = (key: string, value: unknown) =>
    key === 'severity' ? undefined : typeof value === 'string' ? steady(value) : value;
  return `${JSON.stringify(Object.fromEntries(entries), reviver, 2)}\n`;
}
