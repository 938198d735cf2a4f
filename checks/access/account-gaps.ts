/** What keeps a check from knowing all accounts: lines that the C library can't read, and foreign sources. Pure. */
import type { Phrase } from '../../shared/outcome.ts';
import { unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import type { MalformedLine } from '../facts/account-file.ts';
import type { ForeignAccounts } from '../facts/foreign-accounts.ts';
import { PASSWD } from '../facts/passwd.ts';

/** Unknown, where a file has lines that are no entries; undefined where all could be read. */
export function malformedGap(malformed: readonly MalformedLine[], source = PASSWD): Verdict | undefined {
  if (malformed.length === 0) return undefined;
  return unknown(
    {
      en: `${source} holds lines that are no entries`,
      de: `${source} enthält Zeilen, die keine Einträge sind`,
    },
    malformed.map(({ line, name }) =>
      evidence({
        source,
        line,
        found: {
          en: `not readable${name ? ` (${name})` : ''}`,
          de: `nicht lesbar${name ? ` (${name})` : ''}`,
        },
        wanted: { en: 'all fields, ids as numbers', de: 'alle Felder, Kennungen als Zahlen' },
      }),
    ),
  );
}

/** Unknown, where accounts also come from elsewhere. @throws CouldNotLook where even that can not be told */
export function foreignGap(
  foreign: Fact<ForeignAccounts>,
  kind: keyof ForeignAccounts,
  wanted: Phrase,
): Verdict | undefined {
  const sources = valueIn(foreign)[kind];
  if (sources.length === 0) return undefined;
  return unknown(
    {
      en: 'accounts also come from a source that can not be read here',
      de: 'Konten kommen auch aus einer Quelle, die hier nicht lesbar ist',
    },
    sources.map((source) => evidence({ ...source, wanted })),
  );
}
