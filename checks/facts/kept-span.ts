/** How far back the policies of the tools reach: restic-forget(1), borg-prune(1), duplicity(1), rsnapshot(1). Pure. */
import { type CallOption, optionValue } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import { KEPT, LEVEL } from './rsnapshot-jobs.ts';
import { periodDays } from './trigger-period.ts';

const HOUR = 1 / 24;
/** Days for which one unit of an option keeps something. */
const UNITS: Readonly<Record<string, number>> = {
  '--keep-secondly': HOUR / 3600,
  '--keep-minutely': HOUR / 60,
  '--keep-hourly': HOUR,
  '-H': HOUR,
  '--keep-daily': 1,
  '-d': 1,
  '--keep-weekly': 7,
  '-w': 7,
  '--keep-monthly': 30,
  '-m': 30,
  '--keep-yearly': 365,
  '-y': 365,
};
const LENGTHS: Readonly<Record<string, number>> = { h: HOUR, H: HOUR, d: 1, w: 7, m: 30, y: 365 };
export const POLICY = /^--keep-(?!tag$)|^-[lHdwmy]$|^--older-than$|^--full-count$/;

/** How far back the policy reaches; undefined where that depends on how often the job runs or on a variable. */
export function keptDays(options: readonly CallOption[]): number | undefined {
  let days = 0;
  let isUnclear = false;
  for (const { name, value = '' } of options) {
    if (!POLICY.test(name)) continue;
    const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
    if (value === 'unlimited' || value === '-1') return Number.POSITIVE_INFINITY;
    if (unit !== undefined && /^\d+$/.test(value)) days = Math.max(days, Number(value) * unit);
    else if (name.startsWith('--keep-within') && /^(?:\d+[hHdwmy])+$/.test(value)) {
      let length = 0;
      for (const [, count, letter] of value.matchAll(/(\d+)([hHdwmy])/g))
        length += Number(count) * (LENGTHS[letter ?? ''] ?? 0);
      days = Math.max(days, length);
    } else isUnclear = true;
  }
  return isUnclear ? undefined : days;
}

const TIMES: Readonly<Record<string, number>> = {
  s: HOUR / 3600,
  m: HOUR / 60,
  h: HOUR,
  D: 1,
  W: 7,
  M: 30,
  Y: 365,
};

/** `1Y6M2W3D`, duplicity(1) "Time formats". */
export function duplicityDays(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+[smhDWMY])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)([smhDWMY])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (TIMES[unit ?? ''] ?? 0),
    0,
  );
}

/** What a removal of duplicity leaves of a job's backups: of whole chains all but the oldest are sure to be old enough. */
export function duplicitySpan(prune: BackupJob, job: BackupJob): number | undefined {
  const options = prune.call?.options ?? [];
  const length = optionValue(options, '--older-than');
  if (length !== undefined) return duplicityDays(length);
  const count = optionValue(options, '--full-count');
  const apart = duplicityDays(optionValue(job.call?.options ?? [], '--full-if-older-than'));
  return count !== undefined && /^\d+$/.test(count) && apart !== undefined
    ? Math.max(0, Number(count) - 1) * apart
    : undefined;
}

/** The longest of the levels of rsnapshot that are really started; undefined where one is not told by a simple schedule. */
export function rsnapshotSpan(job: BackupJob, all: readonly BackupJob[], now: Date): number | undefined {
  const levels = all.filter(
    ({ tool, configuration, problem }) =>
      tool === 'rsnapshot' && configuration === job.configuration && !problem,
  );
  let days: number | undefined;
  let isUnclear = false;
  for (const level of levels) {
    const count = Number(optionValue(level.call?.options ?? [], KEPT) ?? 0);
    const periods = level.triggers.filter((each) => !each.problem).map((each) => periodDays(each, now));
    if (count === 0 || periods.length === 0) continue;
    const known = periods.filter((period) => period !== undefined);
    if (known.length < periods.length) isUnclear = true;
    else days = Math.max(days ?? 0, count * Math.min(...known));
  }
  return isUnclear ? undefined : (days ?? 0);
}

/** `alpha`, for evidence. */
export const levelOf = ({ call }: BackupJob): string => optionValue(call?.options ?? [], LEVEL) ?? '';
