/** Calendar expressions of systemd that name no moment to come, by systemd's own word: systemd.time(7). */
import { systemdCalendar } from '../commands.ts';
import type { Host } from '../host.ts';

const NUMBER = '(?:[01]?\\d|2[0-3])';
const SIXTY = '[0-5]?\\d';
const DAYS = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
/** Names of periods, and times of any day: they elapse again whatever the day is. Others are asked about. */
const ALWAYS = new RegExp(
  `^(?:(?:minute|hour|dai|week|month|year)ly|quarterly|semiannually|annually|(?:${DAYS}(?:(?:,|\\.\\.)${DAYS})* )?(?:\\*-\\*-\\* )?(?:\\*|${NUMBER}(?:,${NUMBER})*):(?:\\*|${SIXTY})(?::${SIXTY})?)$`,
);

/**
 * Those of `expressions` that never elapse again, or that systemd can't read. One that systemd was not asked about (not
 * live, not installed, not an argument that may be asked) is not among them. All are asked at once: a process each
 * would cost more than all else that is read of timers.
 */
export async function neverElapsing(
  host: Host,
  expressions: readonly string[],
): Promise<ReadonlySet<string>> {
  const never = new Set<string>();
  if (!host.live) return never;
  const all = [...new Set(expressions)].filter((one) => !ALWAYS.test(one));
  for (let at = 0; at < all.length; at += systemdCalendar.maxArguments)
    for (const one of await ask(host, all.slice(at, at + systemdCalendar.maxArguments))) never.add(one);
  return never;
}

async function ask(host: Host, expressions: readonly string[]): Promise<readonly string[]> {
  const answer = await host.run(systemdCalendar, expressions);
  const output = answer.state === 'known' ? answer.value : undefined;
  if (output?.status === 0) {
    const blocks = output.stdout.split(/\n\s*\n/).filter((block) => /^\s*Next elapse: /m.test(block));
    if (blocks.length === expressions.length)
      return expressions.filter((_, index) => /^\s*Next elapse: never/m.test(blocks[index] ?? ''));
  }
  if (expressions.length === 1)
    return output && output.status !== 0 && output.stderr.includes('Failed to parse') ? expressions : [];
  // One of them spoils the answer for all: each by itself.
  const found: string[] = [];
  for (const expression of expressions) found.push(...(await ask(host, [expression])));
  return found;
}
