/** When dpkg last wrote its database. */
import { absent, defineFact, type Fact, mapFact } from '../fact.ts';

const STATUS = '/var/lib/dpkg/status';

/** UTC instant. Absent for an unpacked system, in which dpkg is not at work. */
export const dpkgTouched = defineFact<string>({
  id: 'dpkg-touched',
  collect: async (host): Promise<Fact<string>> =>
    host.live ? mapFact(await host.stat(STATUS), ({ modified }) => modified) : absent(STATUS),
});
