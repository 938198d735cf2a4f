/** What accounts have run for them without logging in, beside cron's tables: lingering user managers and jobs of at(1). */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { passwd } from './passwd.ts';

export interface OwnJobs {
  /** Accounts whose units systemd starts at boot: loginctl(1), enable-linger. */
  readonly lingering: readonly { readonly source: string; readonly account: string }[];
  /** Accounts with jobs that wait. */
  readonly at: readonly { readonly source: string; readonly account: string }[];
}

const LINGER = '/var/lib/systemd/linger';
/** Debian, RHEL, SUSE. */
const SPOOLS = ['/var/spool/cron/atjobs', '/var/spool/at', '/var/spool/atjobs'] as const;
/** Queue, number, minutes since 1970: atd(8). */
const JOB = /^[A-Za-z=][0-9a-f]{13}$/;

/** Never absent: without either there are none. */
export const ownJobs = defineFact<OwnJobs>({
  id: 'own-jobs',
  collect: async (host, get): Promise<Fact<OwnJobs>> => {
    const names = await host.list(LINGER);
    if (names.state === 'unreadable') return names;
    // systemd writes what is no plain letter or digit as `\x2e`.
    const lingering = (names.state === 'known' ? names.value : []).map((name) => ({
      source: `${LINGER}/${name}`,
      account: name.replace(/\\x([0-9a-f]{2})/g, (_all, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      ),
    }));
    const owners = new Map<number, string>();
    for (const directory of SPOOLS) {
      const waiting = await jobsIn(host, directory, owners);
      if (waiting.state === 'unreadable') return waiting;
    }
    const accounts = await get(passwd);
    if (accounts.state !== 'known')
      return accounts.state === 'absent' ? known({ lingering, at: [] }) : accounts;
    const at = [...owners].flatMap(([id, source]) => {
      const account = accounts.value.entries.find(({ uid }) => uid === id)?.name;
      return account === undefined ? [] : [{ source, account }];
    });
    return known({ lingering, at });
  },
});

/** Adds each owner's spool; the file's owner is the account that runs the job. */
async function jobsIn(host: Host, directory: string, owners: Map<number, string>): Promise<Fact<void>> {
  const names = await host.list(directory);
  if (names.state !== 'known') return names;
  for (const name of names.value.filter((one) => JOB.test(one))) {
    const stat = await host.lstat(`${directory}/${name}`);
    if (stat.state === 'unreadable') return stat;
    if (stat.state === 'known' && stat.value.type === 'file' && !owners.has(stat.value.uid))
      owners.set(stat.value.uid, directory);
  }
  return known(undefined);
}
