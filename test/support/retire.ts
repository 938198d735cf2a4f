/** Taking a host's key out of service, as `host retire` does. */
import { retireHost } from '../../server/endings/end-host.ts';
import { freePlace } from '../../server/enrol/contract-places.ts';
import { appendLeaf } from '../../server/log/append.ts';
import type { TestCollector } from './collector.ts';

export const retire = ({ db, now }: TestCollector, hostId: string) =>
  retireHost(
    db,
    { appendLeaf, freePlace },
    { hostId, author: 'c.beispiel', reason: 'neu installiert', now: now() },
  );
