/** Obligations as lines for a terminal. */
import type { Obligation } from '../../shared/obligations.ts';
import type { Language } from '../../shared/outcome.ts';
import type { Settlement } from '../../shared/settlement.ts';
import { whatWords } from '../endings/end-host.ts';

const words = {
  erasure: { de: 'Löschnachweis', en: 'erasure' },
  disposal: { de: 'Entsorgungsnachweis', en: 'disposal' },
  settled: { de: 'liegt vor', en: 'recorded' },
  'not-needed': { de: 'nicht nötig', en: 'not needed' },
  overdue: { de: 'überfällig seit', en: 'overdue since' },
  due: { de: 'fällig bis', en: 'due by' },
} as const;

/** `web-1: WD-1 (since 2026-06-01)  erasure: due by 2026-06-15`. */
export function obligationText(one: Obligation, now: string, language: Language): string {
  const since = language === 'de' ? 'seit' : 'since';
  const state = ({ state, reason }: Settlement) => {
    const time = `${words[now < one.dueAt ? 'due' : 'overdue'][language]} ${one.dueAt.slice(0, 10)}`;
    return `${state === 'open' ? time : words[state][language]}${reason ? ` (${reason[language].replace(/\.$/, '')})` : ''}`;
  };
  return [
    `${one.hostName}: ${whatWords(one)[language]} (${since} ${one.openedAt.slice(0, 10)})`,
    `${words.erasure[language]}: ${state(one.erasure)}`,
    ...(one.kind === 'server' ? [`${words.disposal[language]}: ${state(one.disposal)}`] : []),
  ].join('\t');
}

/** The obligations that a stored record speaks of. */
export const touchedBy = (owed: readonly Obligation[], serials: ReadonlySet<string>, hostId: unknown) =>
  owed.filter(({ what, hostId: id }) => (what.type === 'disk' ? serials.has(what.serial) : id === hostId));
