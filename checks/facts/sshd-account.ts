/** What sshd does when somebody logs in to one account: its values, over every kind of login that stands for it. Pure. */
import type { SshdServer, SshdState } from './sshd.ts';
import type { SshdAccount } from './sshd-accounts.ts';
import { toldValue } from './sshd-dump.ts';
import type { SshdLogin } from './sshd-logins.ts';
import { meets } from './sshd-match.ts';
import { METHOD_KEYWORDS, methodLists } from './sshd-methods.ts';

/** Lower-case keyword -> value; a keyword of which nothing is known is missing. */
type Values = Readonly<Partial<Record<string, string>>>;

/** How somebody is let in: without a second factor of PAM's, which sshd does not know of. */
export interface SshdDoors {
  /** A password, or what keyboard-interactive asks for, is enough; `empty`: even one that is empty. */
  readonly password: boolean;
  readonly empty: boolean;
  /** A key is enough by itself. */
  readonly key: boolean;
  /** A key opens together with a password. */
  readonly keyAndPassword: boolean;
  readonly throughPam: boolean;
}

const KEYWORDS = [...METHOD_KEYWORDS, 'permitemptypasswords', 'usepam'];

/** Undefined where it can't be told: no server that was read, or too many kinds of login. */
export function sshdDoors(state: SshdState, account: SshdAccount): SshdDoors | undefined {
  const all = state.servers.map((server) => valuesFor(state, server, account));
  if (all.length === 0 || all.includes(undefined)) return undefined;
  const doors = all.flatMap((values) => (values ?? []).map((one) => doorsOf(one, account.uid === 0)));
  const some = (key: keyof SshdDoors) => doors.some((one) => one[key]);
  return {
    password: some('password'),
    empty: some('empty'),
    key: some('key'),
    keyAndPassword: some('keyAndPassword'),
    throughPam: doors.length > 0 && doors.every(({ throughPam }) => throughPam),
  };
}

function valuesFor(state: SshdState, server: SshdServer, account: SshdAccount): Values[] | undefined {
  const { reading, logins, answers } = server;
  if (reading.state !== 'read' || logins === 'too many') return undefined;
  const { configuration } = reading;
  const tellApart = configuration.blocks
    .flatMap(({ criteria }) => criteria)
    .filter(({ name }) => name === 'user' || name === 'group' || name === 'invalid-user');
  const standsFor = ({ principal, root }: SshdLogin): boolean => {
    const own = { ...principal, user: account.name, groups: account.groups };
    return (
      root === (account.uid === 0) &&
      tellApart.every((one) => meets(principal, one, state.version) === meets(own, one, state.version))
    );
  };
  return logins.flatMap((login, index) => {
    if (!standsFor(login)) return [];
    const answer = answers[index];
    const value = (keyword: string) =>
      (answer?.state === 'answered' ? toldValue(answer.values, keyword) : undefined) ??
      configuration.effective(login.principal, keyword)?.value;
    return [Object.fromEntries(KEYWORDS.map((keyword) => [keyword, value(keyword)]))];
  });
}

/** A value that is not known counts as the one that opens more. */
function doorsOf(values: Values, root: boolean): SshdDoors {
  const lists = methodLists({ ...values, hostbasedauthentication: 'no' }, root);
  const withKey = lists.filter((list) => list.includes('publickey'));
  return {
    password: lists.some((list) => !list.includes('publickey')),
    empty: values.permitemptypasswords !== 'no' && lists.some((list) => list.join() === 'password'),
    key: withKey.some((list) => list.every((method) => method === 'publickey')),
    keyAndPassword: withKey.some((list) => list.some((method) => method !== 'publickey')),
    throughPam: values.usepam === 'yes',
  };
}
