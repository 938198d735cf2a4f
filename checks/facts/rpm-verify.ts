/**
 * Whether the package database of rpm is whole. What lies on a damaged page is left out of every list without a word or
 * with an error on the side, and the exit status stays 0: rpm and dnf then know fewer packages than there are, and the
 * updates of the others are none for them (seen with rpm 4.18 and dnf 4.14; the tests do it again).
 */
import type { Text } from '../../shared/outcome.ts';
import { rpmVerify } from '../commands.ts';
import { defineFact, type Fact, type GetFact, known, unreadable } from '../fact.ts';
import type { CommandOutput, Host } from '../host.ts';
import { rpmDatabase } from './rpm-database.ts';

const SOURCE = 'rpmdb.sqlite';

/** An entry whose header does not match its checksum is skipped; standard error has a word about it, the status not. */
export const skipsEntries = ({ stderr }: CommandOutput): boolean => /^error: /m.test(stderr);

async function flawOf(host: Host, get: GetFact): Promise<Text | undefined> {
  const database = await get(rpmDatabase);
  if (database.state === 'unreadable') return database.reason;
  // The other kinds (Berkeley DB, ndb) have checksums of their own: what does not match them is an error on the side.
  const files = database.state === 'known' ? database.value.files : [];
  if (!files.some((path) => path.endsWith('.sqlite'))) return undefined;
  const said = await host.run(rpmVerify, []);
  if (said.state === 'absent') return NOT_THERE;
  if (said.state === 'unreadable') return said.reason;
  const { status, stdout } = said.value;
  if (status === 77) return NOT_THERE;
  if (status !== 0 || stdout === '') return NOT_OPENED;
  return stdout.trim() === 'ok' ? undefined : RPM_DAMAGED;
}

/** Unreadable with the reason where it is not. Reads the whole database: some 100 ms for a thousand packages. */
export const rpmWhole = defineFact<true>({
  id: 'rpm-whole',
  collect: async (host, get): Promise<Fact<true>> => {
    const flaw = await flawOf(host, get);
    return flaw ? unreadable(SOURCE, flaw) : known(true);
  },
});

export const RPM_DAMAGED: Text = {
  en: 'the package database of rpm is damaged (rpmdb --verifydb shows it, rpmdb --rebuilddb repairs it)',
  de: 'die Paketdatenbank von rpm ist beschädigt (rpmdb --verifydb zeigt es, rpmdb --rebuilddb repariert sie)',
};
const NOT_OPENED: Text = {
  en: 'the package database of rpm could not be opened for reading (rpm -qa shows why)',
  de: 'die Paketdatenbank von rpm ließ sich nicht zum Lesen öffnen (rpm -qa zeigt den Grund)',
};
const NOT_THERE: Text = {
  en: 'whether the package database is whole can not be told: Python with its module sqlite3 is not installed',
  de: 'ob die Paketdatenbank vollständig ist, lässt sich nicht sagen: Python mit seinem Modul sqlite3 ist nicht installiert',
};
