/** The matrix, first half: how an account is entered from outside. Pure. */
import type { Proof } from '../../shared/access-matrix.ts';
import { parseGetty } from '../facts/agetty.ts';
import type { KeyOptions } from '../facts/authorized-keys.ts';
import { hasLoginShell } from '../facts/login-shell.ts';
import { type PamConfiguration, pamStack } from '../facts/pam.ts';
import { PASSWD } from '../facts/passwd.ts';
import { secondFactor } from '../facts/second-factor.ts';
import { SHADOW } from '../facts/shadow.ts';
import { type SshdDoors, sshdDoors } from '../facts/sshd-account.ts';
import { accountsOf } from '../facts/sshd-accounts.ts';
import type { MatrixFacts, Way } from './matrix.ts';
import type { Entrance } from './ways-in.ts';

/** @throws CouldNotLook where a PAM stack can not be unfolded */
export function doorEntries(facts: MatrixFacts, entrances: readonly Entrance[]): readonly Way[] {
  const open = entrances.filter(({ expired }) => !expired);
  const doors = doorsOf(facts, open);
  const factor = factorsIn(facts.pam.state === 'known' ? facts.pam.value : undefined);
  return [
    ...open.flatMap((entrance) => [
      ...byConsole(entrance, factor('login')),
      ...byPassword(entrance, doors(entrance.entry.name), factor('sshd'), facts),
      ...byKey(entrance, doors(entrance.entry.name)),
    ]),
    ...byItself(facts),
    ...byOwnTable(facts, open),
    ...byOwnJobs(facts, open),
  ];
}

/** What sshd does with each account; undefined where no server is there, `unknown` where it can't be told. */
function doorsOf(facts: MatrixFacts, entrances: readonly Entrance[]) {
  const { sshd, passwd, group } = facts;
  const found = new Map<string, SshdDoors | 'unknown'>();
  if (sshd.state !== 'absent' && passwd.state === 'known') {
    const groups = group.state === 'known' ? group.value : { entries: [], network: [], malformed: [] };
    const accounts = new Map(accountsOf(passwd.value, groups).map((one) => [one.name, one]));
    for (const { entry } of entrances) {
      const account = accounts.get(entry.name);
      const doors = account && sshd.state === 'known' ? sshdDoors(sshd.value, account) : undefined;
      found.set(entry.name, doors ?? 'unknown');
    }
  }
  return (name: string): SshdDoors | 'unknown' | undefined => found.get(name);
}

/** Whether a service asks for a second factor, asked once for each. */
function factorsIn(configuration: PamConfiguration | undefined) {
  const known = new Map<string, boolean>();
  return (service: string): boolean => {
    const before = known.get(service);
    if (before !== undefined) return before;
    const needed = configuration ? secondFactor(pamStack(configuration, service, 'auth')).required : false;
    known.set(service, needed);
    return needed;
  };
}

const reach = ({ entry }: Entrance): Pick<Way, 'account' | 'reaches' | 'privilege'> => ({
  account: entry.name,
  reaches: entry.uid === 0 ? 'root' : entry.name,
  ...(entry.uid === 0 && entry.name !== 'root' ? { privilege: 'root' } : {}),
});

const unsureIf = (unsure: boolean): Pick<Way, 'unsure'> => (unsure ? { unsure: true } : {});

/** Where the password of an account stands. */
function passwordPlace({ entry }: Entrance): Pick<Way, 'source' | 'line'> {
  return entry.password.kind === 'shadow' ? { source: SHADOW } : { source: PASSWD, line: entry.line };
}

const isEmpty = (entrance: Entrance): boolean => entrance.entry.password.kind === 'empty';

function byConsole(entrance: Entrance, factor: boolean): Way[] {
  if (entrance.password === false || !hasLoginShell(entrance.entry)) return [];
  return [
    {
      ...reach(entrance),
      way: 'console',
      proof: isEmpty(entrance) ? 'none' : factor ? 'password-and-factor' : 'password',
      ...passwordPlace(entrance),
      ...unsureIf(entrance.password === undefined),
    },
  ];
}

function byPassword(
  entrance: Entrance,
  doors: SshdDoors | 'unknown' | undefined,
  factor: boolean,
  { sshd }: MatrixFacts,
): Way[] {
  if (entrance.password === false || doors === undefined) return [];
  if (doors !== 'unknown' && (!doors.password || (isEmpty(entrance) && !doors.empty))) return [];
  const asked: Proof = doors !== 'unknown' && factor && doors.throughPam ? 'password-and-factor' : 'password';
  return [
    {
      ...reach(entrance),
      way: 'ssh-password',
      proof: isEmpty(entrance) ? 'none' : asked,
      source: (sshd.state === 'known' && sshd.value.servers[0]?.file) || 'sshd',
      ...unsureIf(doors === 'unknown' || entrance.password === undefined),
    },
  ];
}

function byKey(entrance: Entrance, doors: SshdDoors | 'unknown' | undefined): Way[] {
  return entrance.keys.flatMap(({ source, key, authority }): Way[] => {
    const both = doors !== undefined && doors !== 'unknown' && !doors.key && doors.keyAndPassword;
    return [
      {
        ...reach(entrance),
        way: 'ssh-key',
        proof: authority ? 'certificate' : both ? 'key-and-password' : 'key',
        key: key.key.fingerprint,
        detail: restrictions(key.options, key.key.fingerprint),
        source,
        line: key.line,
      },
    ];
  });
}

const BOUNDS = ['command', 'expiry-time', 'from', 'restrict'];

/** The fingerprint, and the options that say how far the key opens: `SHA256:... (command, from)`. */
function restrictions({ names }: KeyOptions, fingerprint: string): string {
  const bounds = BOUNDS.filter((name) => names.includes(name));
  return bounds.length === 0 ? fingerprint : `${fingerprint} (${bounds.join(', ')})`;
}

/** Consoles and display managers that ask nobody. */
function byItself({ gettys, displayManagers, passwd }: MatrixFacts): Way[] {
  const units = gettys.state === 'known' ? gettys.value.units : [];
  const named = units.flatMap(({ commands }) =>
    commands.flatMap(({ setting, words }) => {
      const account = parseGetty(words)?.autologin;
      return account ? [{ account, source: setting.source, line: setting.line }] : [];
    }),
  );
  const graphical =
    displayManagers.state === 'known'
      ? displayManagers.value.automatic.map(({ source, line, setting }) => ({
          account: /=\s*([^\s=]{1,256})$/.exec(setting)?.[1] ?? '*',
          source,
          line,
        }))
      : [];
  const uid = (name: string) =>
    passwd.state === 'known' ? passwd.value.entries.find((entry) => entry.name === name)?.uid : undefined;
  return [...named, ...graphical].map(({ account, ...place }) => ({
    account,
    way: 'console',
    proof: 'none',
    reaches: uid(account) === 0 ? 'root' : account,
    ...place,
  }));
}

/** A table of one's own runs without anybody logging in. */
function byOwnTable({ cron }: MatrixFacts, entrances: readonly Entrance[]): Way[] {
  if (cron.state !== 'known') return [];
  const tables = new Set(
    cron.value.jobs
      .filter(({ source, user }) => source.startsWith('/var/spool/cron') && user !== 'root')
      .map(({ source, user }) => JSON.stringify([source, user])),
  );
  return [...tables].flatMap((text): Way[] => {
    const [source, user] = JSON.parse(text) as [string, string];
    const entrance = entrances.find(({ entry }) => entry.name === user);
    return entrance ? [{ ...reach(entrance), way: 'cron', proof: 'none', source }] : [];
  });
}

/** Units of a lingering account start at boot, jobs of at at their time: both without anybody logging in. */
function byOwnJobs({ ownJobs }: MatrixFacts, entrances: readonly Entrance[]): Way[] {
  if (ownJobs.state !== 'known') return [];
  const { lingering, at } = ownJobs.value;
  const ways = [
    ...lingering.map((one) => ({ ...one, way: 'unit' as const })),
    ...at.map((one) => ({ ...one, way: 'at' as const })),
  ];
  return ways.flatMap(({ account, source, way }): Way[] => {
    const entrance = entrances.find(({ entry }) => entry.name === account && account !== 'root');
    return entrance ? [{ ...reach(entrance), way, proof: 'none', source }] : [];
  });
}
