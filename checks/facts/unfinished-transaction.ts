/** A transaction of dnf that its history has no end of: it was killed, or the power went, between two packages. */
import { absent, defineFact, type Fact, known } from '../fact.ts';
import { packageManager, patchState } from './patch-state.ts';

/** When it began: UTC instant. Absent where the last one ended, and with other package managers: they keep no such record. */
export const unfinishedTransaction = defineFact<string>({
  id: 'unfinished-transaction',
  collect: async (_host, get): Promise<Fact<string>> => {
    const manager = await get(packageManager);
    if (manager.state !== 'known' || manager.value.id !== 'dnf') return absent('dnf history');
    const state = await get(patchState);
    if (state.state !== 'known') return state;
    return state.value.unfinished === undefined ? absent('dnf history') : known(state.value.unfinished);
  },
});
