/** Whether lists of what rpm has installed are whole, without reading the database again while it has not changed. */
import { defineFact, type Fact, known } from '../fact.ts';
import { packageManager } from './patch-state.ts';
import { rpmWhole } from './rpm-verify.ts';

/** Known where it is whole: verified now, or when the answer was given that still holds. Else unreadable, with the reason. */
export const rpmSound = defineFact<true>({
  id: 'rpm-sound',
  collect: async (host, get): Promise<Fact<true>> => {
    const manager = await get(packageManager);
    const answer = host.memory.state === 'known' ? host.memory.value.answer : undefined;
    if (host.live && answer && manager.state === 'known') {
      const inputs = await get(manager.value.inputs);
      // The answer was kept only because it was whole then, and the database has not changed since.
      if (inputs.state === 'known' && inputs.value === answer.inputs) return known(true);
    }
    return get(rpmWhole);
  },
});
