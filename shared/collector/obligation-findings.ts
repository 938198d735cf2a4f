/** Obligations as findings: settled passes, open is unknown until it is due and fails from then on. */
import type { Obligation } from '../obligations.ts';

import type { Finding } from './check.ts';

export function obligationFindings(
  owed: readonly Obligation[],
  of: 'erasure' | 'disposal',
  now: string,
): Finding[] {
  return owed.flatMap((one): Finding[] => {
    const { state, reason } = one[of];
    if (state === 'not-needed') return [];
    const outcome = state === 'settled' ? 'pass' : now < one.dueAt ? 'unknown' : 'fail';
    const day = one.openedAt.slice(0, 10);
    const due = one.dueAt.slice(0, 10);
    return [
      {
        outcome,
        evidence: {
          source: `${one.hostName}: ${nameOf(one.what)}`.slice(0, 1000),
          found: reason ?? {
            de: `kein Nachweis; außer Betrieb seit ${day}`,
            en: `no record; out of service since ${day}`,
          },
          wanted: {
            de: `ein Nachweis bis ${due}`,
            en: `a record until ${due}`,
          },
        },
      },
    ];
  });
}

/** Words of hosts and standards: the same in both languages, but for counts. */
export function nameOf(what: Obligation['what']): string {
  if (what.type === 'disk') return [what.serial, what.model].filter(Boolean).join(', ');
  if (what.type === 'volume') return what.device;
  if (what.type === 'host') return '*';
  const named = what.names.map(({ device, model }) => (model ? `${device} (${model})` : device)).join(', ');
  return `${what.count} × ? ${named}`.trim();
}
