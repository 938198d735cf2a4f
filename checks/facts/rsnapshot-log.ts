/** Runs in rsnapshot's log: `[2026-11-20T03:00:00] /usr/bin/rsnapshot alpha: started`. Pure. */
import { instant } from './time-zone.ts';

export interface RsnapshotRun {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to?: number;
  readonly end: 'well' | 'warnings' | 'errors' | 'open';
}

const LINE =
  /^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\] (?:WARNING: |.*: ERROR: )?(\S*rsnapshot (?:.* )?)(\w+): (started|completed successfully|completed, but with some warnings|completed, but with .*)$/;

/**
 * The runs of one level, in their order.
 * @param zone of the lines' times, such as `Europe/Berlin`
 */
export function rsnapshotRuns(
  text: string,
  level: string,
  configuration: string,
  zone: string,
): RsnapshotRun[] {
  const runs: { from: number; to?: number; end: RsnapshotRun['end'] }[] = [];
  for (const line of text.split('\n')) {
    const [, time = '', call = '', name, what = ''] = LINE.exec(line) ?? [];
    if (name !== level || !isOf(call, configuration)) continue;
    const at = instant(time, zone);
    if (at === undefined) continue;
    if (what === 'started') runs.push({ from: at, end: 'open' });
    else {
      const run = runs.at(-1);
      if (run?.end !== 'open') continue;
      run.to = at;
      run.end = what.endsWith('successfully') ? 'well' : what.endsWith('warnings') ? 'warnings' : 'errors';
    }
  }
  return runs;
}

/** Several configurations may share a log. */
function isOf(call: string, configuration: string): boolean {
  const named = /-\w*c\s*(\S+)/.exec(call)?.[1];
  return (named ?? '/etc/rsnapshot.conf') === configuration;
}
