/** RekeyLimit: two limits in one keyword, in bytes and in seconds (`1073741824 3600`; `-` where a line is silent). Pure. */
import type { Setting } from './sshd-reading.ts';

const scales = 'bkmgtpe';

/** Bytes of `1G`, `512M`, `1.5K`: scan_scaled(3). */
export function scaled(text: string): bigint | undefined {
  const match = /^\+?(\d{0,18})(?:\.(\d{0,18}))?([bkmgtpe]?)$/i.exec(text);
  if (!match || !/\d/.test(text)) return undefined;
  const factor = 1024n ** BigInt(Math.max(0, scales.indexOf((match[3] ?? '').toLowerCase())));
  const fraction = match[2] ?? '';
  const rest = fraction === '' ? 0n : (BigInt(fraction) * factor) / 10n ** BigInt(fraction.length);
  return BigInt(match[1] ?? '0') * factor + rest;
}

/** sshd keeps bytes and seconds apart: a later line may bring the seconds that the first does not say. */
export function rekeyed(before: Setting | undefined, next: Setting): Setting[] {
  if (before === undefined || !before.value.endsWith(' -')) return [before ?? next];
  return [{ ...before, value: `${before.value.split(' ')[0]} ${next.value.split(' ')[1]}` }];
}

/** What counts for a login: bytes and seconds each from its block, else from outside, else the default. */
export function rekeyLimitOf(
  matched: Setting | undefined,
  global: Setting | undefined,
  fallback = '0 0',
): Setting | undefined {
  const secondsOf = (setting: Setting | undefined) =>
    setting?.value.endsWith(' -') ? undefined : setting?.value.split(' ')[1];
  const [standard, never] = fallback.split(' ');
  const bytes = (matched ?? global)?.value.split(' ')[0] ?? standard;
  return { ...(matched ?? global), value: `${bytes} ${secondsOf(matched) ?? secondsOf(global) ?? never}` };
}
