/** Who can enter the seeded hosts: one with a register, one without, and one of the other tenant. */
import type { Db } from '../../../server/db/database.ts';
import { applyAccess } from '../../../server/status/apply-access.ts';
import { type AccessEntry, arrangedMatrix } from '../../../shared/access-matrix.ts';
import { KEY } from '../../shared/policy-parts.ts';

const key = (account: string, more: Partial<AccessEntry> = {}): AccessEntry => ({
  ...{ account, way: 'ssh-key', proof: 'key', reaches: account, detail: KEY },
  ...{ source: `/home/${account}/.ssh/authorized_keys`, line: 1 },
  ...more,
});
const sudo = (account: string, source: string, more: Partial<AccessEntry> = {}): AccessEntry => ({
  ...{ account, way: 'sudo', proof: 'password', reaches: 'ALL', privilege: 'sudo', source, line: 3 },
  ...more,
});

/** @param grant the record of the seed that grants anna entry */
export async function seedAccess(
  db: Db,
  { web1, web2, theirHost }: Readonly<Record<'web1' | 'web2' | 'theirHost', string>>,
  grant: string,
): Promise<void> {
  const matrices = {
    [web1]: arrangedMatrix({
      register: true,
      entries: [
        { account: 'root', way: 'console', proof: 'password', reaches: 'root', source: '/etc/shadow' },
        key('anna', { grant }),
        sudo('anna', '/etc/sudoers.d/staff', { grant }),
        key('ulf', { detail: `${KEY} (from)` }),
        {
          ...{ account: 'ulf', way: 'container-group', proof: 'none', reaches: 'root', privilege: 'docker' },
          ...{ detail: 'docker', source: '/etc/group', line: 61 },
        },
        { account: '*', way: 'su', proof: 'other-password', reaches: 'root', source: '/etc/pam.d/su' },
        sudo('%admins', '/etc/sudoers.d/directory', { unsure: true }),
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
    [web2]: arrangedMatrix({ register: false, entries: [key('anna')], gaps: [] }),
    [theirHost]: arrangedMatrix({ register: true, entries: [key('their-account')], gaps: [] }),
  };
  for (const [host, matrix] of Object.entries(matrices))
    await db.transaction().execute((trx) => applyAccess(trx, host, matrix));
}
