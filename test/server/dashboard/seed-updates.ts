/** Security updates that wait on the seeded hosts: one package on two of them, one past its deadline. */
import type { Db } from '../../../server/db/database.ts';
import { applyUpdates } from '../../../server/status/apply-updates.ts';
import type { UpdateEntry } from '../../../shared/update-list.ts';

export async function seedUpdates(
  db: Db,
  { web1, web2, theirHost }: Readonly<Record<'web1' | 'web2' | 'theirHost', string>>,
  now: Date,
): Promise<void> {
  const at = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString();
  const update = (name: string, more: Partial<UpdateEntry> = {}): UpdateEntry => ({
    ...{ name, arch: 'amd64', installed: '3.0.11-1~deb12u2', candidate: '3.0.15-1~deb12u1' },
    ...{ origin: 'Debian-Security bookworm-security', advisories: [], severity: 'unknown' },
    ...{ fate: 'installable', since: at(-2), exact: true, deadline: at(5) },
    ...more,
  });
  const lists: Readonly<Record<string, readonly UpdateEntry[]>> = {
    [web1]: [
      update('libssl3', { source: 'openssl' }),
      update('openssl', { severity: 'critical', since: at(-4), deadline: at(-1), fate: 'held' }),
    ],
    [web2]: [
      update('linux-image-amd64', { installed: '6.1.94-1', candidate: '6.1.106-3', severity: 'high' }),
      update('openssl', { installed: '3.0.14-1~deb12u1', severity: 'critical', deadline: at(1) }),
    ],
    [theirHost]: [update('their-package')],
  };
  for (const [host, entries] of Object.entries(lists))
    await db
      .transaction()
      .execute((trx) => applyUpdates(trx, host, { manager: 'apt', entries: [...entries], more: 0 }));
}
