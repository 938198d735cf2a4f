/**
 * The evaluator against libpam: for thousands of random stacks of pam_debug, whose answers are chosen, both must end
 * with the same return value in `auth` and in `account`. pamtester asks the real library in a mount namespace.
 */
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { PamReturn } from '../../../checks/facts/pam-line.ts';
import { debianRoot, describeInDebian, ordinaryUser, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';
import { configurationOf, judged, named, stackFiles } from '../../support/pam-stacks.ts';

const STACKS = 2_500;
const OTHER = 'auth required pam_debug.so auth=cred_err\naccount required pam_debug.so acct=cred_unavail\n';

/** pam_strerror(3) */
const WORDS: Readonly<Record<string, PamReturn>> = {
  'successfully authenticated': 'success',
  'account management done.': 'success',
  'Initialization failure': 'abort',
  'Critical error - immediate abort': 'abort',
  'Failed to load module': 'open_err',
  'Symbol not found': 'symbol_err',
  'Error in service module': 'service_err',
  'System error': 'system_err',
  'Memory buffer error': 'buf_err',
  'Permission denied': 'perm_denied',
  'Authentication failure': 'auth_err',
  'Insufficient credentials to access authentication data': 'cred_insufficient',
  'Authentication service cannot retrieve authentication info': 'authinfo_unavail',
  'User not known to the underlying authentication module': 'user_unknown',
  'Have exhausted maximum number of retries for service': 'maxtries',
  'Authentication token is no longer valid; new one required': 'new_authtok_reqd',
  'User account has expired': 'acct_expired',
  'Cannot make/remove an entry for the specified session': 'session_err',
  'Authentication service cannot retrieve user credentials': 'cred_unavail',
  'User credentials expired': 'cred_expired',
  'Failure setting user credentials': 'cred_err',
  'No module specific data is present': 'no_module_data',
  'Bad item passed to pam_*_item()': 'bad_item',
  'Conversation error': 'conv_err',
  'Authentication token manipulation error': 'authtok_err',
  'Authentication information cannot be recovered': 'authtok_recover_err',
  'Authentication token lock busy': 'authtok_lock_busy',
  'Authentication token aging disabled': 'authtok_disable_aging',
  'Failed preliminary check by password service': 'try_again',
  'The return value should be ignored by PAM dispatch': 'ignore',
  'Module is unknown': 'module_unknown',
  'Authentication token expired': 'authtok_expired',
  'Conversation is waiting for event': 'conv_again',
};

interface Case {
  readonly service: string;
  readonly files: ReadonlyMap<string, string>;
}

const casesOf = (count: number, seed: number): Case[] =>
  fc
    .sample(stackFiles, { numRuns: count, seed })
    .map((files, index) => ({ service: `nachweis-${index}`, files: named(files, `nachweis-${index}`) }));

function write(cases: readonly Case[], directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'other'), OTHER);
  for (const { files } of cases) for (const [name, text] of files) writeFileSync(join(directory, name), text);
}

/** pam_debug writes too, and the two streams mix: one word before each run tells them apart. */
const script = (count: number): string =>
  `exec 2>&1 </dev/null; i=0; while [ $i -lt ${count} ]; do for o in authenticate acct_mgmt; do
     echo "@nachweis-$i $o"; pamtester nachweis-$i root $o || :; done; i=$((i+1)); done`;

/** Compares every case, and that the stacks reach many different ends, none of them almost always. */
function compare(cases: readonly Case[], said: string): void {
  const real = new Map(
    said.split('@').map((part): [string, PamReturn | undefined] => {
      const words = /^pamtester: (.*)$/m.exec(part)?.[1] ?? '';
      return [part.slice(0, part.indexOf('\n')), WORDS[words]];
    }),
  );
  const counts = new Map<string, number>();
  for (const { service, files } of cases) {
    const configuration = configurationOf(new Map([...files, ['other', OTHER]]));
    for (const [type, operation] of [
      ['auth', 'authenticate'],
      ['account', 'acct_mgmt'],
    ] as const) {
      const answer = real.get(`${service} ${operation}`);
      counts.set(`${answer}`, (counts.get(`${answer}`) ?? 0) + 1);
      expect([type, Object.fromEntries(files), judged(configuration, service, type)]).toEqual([
        type,
        Object.fromEntries(files),
        answer,
      ]);
    }
  }
  expect(counts.size).toBeGreaterThan(15);
  for (const answer of ['success', 'auth_err', 'perm_denied', 'abort'])
    expect([answer, (counts.get(answer) ?? 0) > cases.length / 100]).toEqual([answer, true]);
}

describeInNamespace(['pamtester'], 'libpam agrees (pamtester)', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);

  it(`on the answer of ${STACKS} random stacks`, { timeout: 300_000 }, () => {
    const cases = casesOf(STACKS, 20);
    rmSync(join(etc, 'pam.d'), { recursive: true });
    write(cases, join(etc, 'pam.d'));
    compare(cases, inNamespace([{ from: etc, over: '/etc' }], script(STACKS)));
  });
});

/** Linux-PAM 1.4, 1.5.2 and 1.7. */
describeInDebian('libpam of Debian', () => {
  const directory = openDirectory();
  afterAll(directory.remove);

  it.each([11, 12, 13] as const)(
    '%s agrees on other stacks',
    { timeout: ROOT_TIMEOUT_MS },
    async (release) => {
      const count = 400;
      const cases = casesOf(count, release);
      const stacks = join(directory.path, `pam.d-${release}`);
      write(cases, stacks);
      const root = (await debianRoot(release)).path;
      compare(
        cases,
        inNamespace(
          [
            { from: stacks, over: join(root, 'etc/pam.d') },
            { from: '/dev', over: join(root, 'dev') },
          ],
          `exec chroot '${root}' /bin/sh -c '${script(count)}'`,
        ),
      );
    },
  );

  it.each([11, 12, 13] as const)(
    '%s: su, sudo and chsh keep the real user id of who started them',
    { timeout: ROOT_TIMEOUT_MS },
    async (release) => {
      const root = (await debianRoot(release)).path;
      const etc = join(directory.path, `etc-${release}`);
      cpSync(join(root, 'etc'), etc, { recursive: true, verbatimSymlinks: true });
      const line =
        'auth sufficient pam_rootok.so\nauth required pam_deny.so\naccount required pam_permit.so\n';
      for (const name of ['su', 'sudo', 'chsh']) writeFileSync(join(etc, 'pam.d', name), line);
      writeFileSync(join(etc, 'sudoers'), `${ordinaryUser} ALL=(ALL) ALL\nroot ALL=(ALL) ALL\n`);
      chmodSync(join(etc, 'sudoers'), 0o440);
      const asks = ['sudo -S true', 'su -c true', 'chsh -s /bin/bash'];
      const tries = asks.flatMap((ask) => [
        `${ask} </dev/null >/dev/null 2>&1 && echo "root ${ask}"`,
        `setpriv --reuid=${ordinaryUser} --regid=${ordinaryUser} --init-groups ${ask} </dev/null >/dev/null 2>&1 && echo "user ${ask}"`,
        `setpriv --reuid=${ordinaryUser} --regid=${ordinaryUser} --init-groups id -un`,
      ]);
      const said = inNamespace(
        [
          { from: etc, over: join(root, 'etc') },
          { from: '/dev', over: join(root, 'dev') },
          { from: '/proc', over: join(root, 'proc') },
        ],
        `mount -t tmpfs none '${root}/run'; exec chroot '${root}' /bin/sh -c '${tries.join('; ')}; true'`,
      );
      expect(said.trim().split('\n')).toEqual(asks.flatMap((ask) => [`root ${ask}`, ordinaryUser]));
    },
  );
});
