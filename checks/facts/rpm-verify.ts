/**
 * Whether the package database of rpm is whole. What lies on a damaged page is left out of every list without a word or
 * with an error on the side, and the exit status stays 0: rpm and dnf then know fewer packages than there are, and the
 * updates of the others are none for them (seen with rpm 4.18 and dnf 4.14; the tests do it again).
 */
import type { Text } from '../../shared/outcome.ts';
import { rpmVerify } from '../commands.ts';
import { defineFact, type Fact, known, unreadable } from '../fact.ts';
import type { CommandOutput, Host } from '../host.ts';

/** An entry whose header does not match its checksum is skipped; standard error has a word about it, the status not. */
export const skipsEntries = ({ stderr }: CommandOutput): boolean => /^error: /m.test(stderr);

async function flawOf(host: Host): Promise<Text | undefined> {
  const said = await host.run(rpmVerify, []);
  if (said.state === 'absent') return NOT_THERE;
  if (said.state === 'unreadable') return said.reason;
  return said.value.status === 0 && !skipsEntries(said.value) ? undefined : RPM_DAMAGED;
}

/** Unreadable with the reason where it is not. Reads the whole database: some 100 ms for a thousand packages. */
export const rpmWhole = defineFact<true>({
  id: 'rpm-whole',
  collect: async (host): Promise<Fact<true>> => {
    const flaw = await flawOf(host);
    return flaw ? unreadable('rpmdb --verifydb', flaw) : known(true);
  },
});

export const RPM_DAMAGED: Text = {
  en: 'the package database of rpm is damaged (rpmdb --verifydb shows it, rpmdb --rebuilddb repairs it)',
  de: 'die Paketdatenbank von rpm ist beschädigt (rpmdb --verifydb zeigt es, rpmdb --rebuilddb repariert sie)',
};
const NOT_THERE: Text = {
  en: 'whether the package database is whole can not be told: rpmdb is not installed',
  de: 'ob die Paketdatenbank vollständig ist, lässt sich nicht sagen: rpmdb ist nicht installiert',
};
