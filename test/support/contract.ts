/** Whoever changes what was ordered in a test. */
import type { ChangedBy } from '../../server/enrol/contract-places.ts';
import { appendLeaf } from '../../server/log/append.ts';

export const contractBy = (now: Date, author = 'c.beispiel'): ChangedBy => ({
  ...{ author, osUser: false, now, appendLeaf },
});
