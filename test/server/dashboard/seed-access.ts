/** Who can enter the seeded hosts: one with a register, one without, and one of the other tenant. */
import type { Db } from '../../../server/db/database.ts';
import { applyAccess } from '../../../server/status/apply-access.ts';
import { type AccessEntry, arrangedMatrix } from '../../../shared/access-matrix.ts';
import { KEY } from '../../shared/policy-parts.ts';

const own = (account: string, more: Partial<AccessEntry> = {}): AccessEntry => ({
  account,
  way: 'ssh-key',
  proof: 'key',
  reaches: account,
  detail: KEY,
  source: `/home/${account}/.ssh/authorized_keys`,
  line: 1,
  ...more,
});

/** @param grant the record of the seed that grants anna entry */
export async function seedAccess(
  db: Db,
  { web1, web2, theirHost }: Readonly<Record<'web1' | 'web2' | 'theirHost', string>>,
  grant: string,
): Promise<void> {
  const console: Partial<AccessEntry> = { way: 'console', proof: 'password', source: '/etc/shadow' };
  const { detail: _key, line: _line, ...root } = own('root', console);
  const matrices = {
    [web1]: arrangedMatrix({
      register: true,
      entries: [
        root,
        own('anna', { grant }),
        own('anna', {
          ...{ way: 'sudo', proof: 'password', reaches: 'ALL', privilege: 'sudo', detail: 'ALL', grant },
          ...{ source: '/etc/sudoers.d/staff', line: 3 },
        }),
        own('ulf', { detail: `${KEY} (from)` }),
        own('ulf', {
          ...{ way: 'container-group', proof: 'none', reaches: 'root', privilege: 'docker' },
          ...{ detail: 'docker', source: '/etc/group', line: 61 },
        }),
        own('*', {
          ...{ way: 'su', proof: 'other-password', reaches: 'root', detail: 'su' },
          ...{ source: '/etc/pam.d/su', line: 15 },
        }),
        own('%admins', {
          ...{ way: 'sudo', proof: 'password', reaches: 'ALL', privilege: 'sudo', unsure: true },
          ...{ detail: 'ALL', source: '/etc/sudoers.d/directory', line: 1 },
        }),
      ],
      gaps: [
        {
          source: '/etc/nsswitch.conf',
          reason: {
            en: 'sss (passwd): accounts also come from a source that can not be read here',
            de: 'sss (passwd): Konten kommen auch aus einer Quelle, die hier nicht lesbar ist',
          },
        },
      ],
    }),
    [web2]: arrangedMatrix({ register: false, entries: [own('anna')], gaps: [] }),
    [theirHost]: arrangedMatrix({ register: true, entries: [own('their-account')], gaps: [] }),
  };
  for (const [host, matrix] of Object.entries(matrices))
    await db.transaction().execute((trx) => applyAccess(trx, host, matrix));
}
