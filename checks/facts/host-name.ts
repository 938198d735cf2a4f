/** The machine's name as the kernel has it, which is what backup tools store; offline the one it would boot with. */
import { defineFact, mapFact } from '../fact.ts';

export const hostName = defineFact<string>({
  id: 'host-name',
  collect: async (host) => {
    const file = await host.readText(host.live ? '/proc/sys/kernel/hostname' : '/etc/hostname');
    return mapFact(file, ({ text }) => text.trim());
  },
});
