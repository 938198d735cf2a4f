/**
 * The evaluator against libpam: for thousands of random stacks of pam_debug, whose answers are chosen, both must end
 * with the same return value in `auth` and in `account`. pamtester asks the real library in a mount namespace.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { PamReturn } from '../../../checks/facts/pam-line.ts';
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

describeInNamespace(['pamtester'], 'libpam agrees (pamtester)', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);

  it(`on the answer of ${STACKS} random stacks`, { timeout: 300_000 }, () => {
    const cases = fc
      .sample(stackFiles, { numRuns: STACKS, seed: 20 })
      .map((files, index) => ({ service: `nachweis-${index}`, files: named(files, `nachweis-${index}`) }));
    rmSync(join(etc, 'pam.d'), { recursive: true });
    mkdirSync(join(etc, 'pam.d'));
    writeFileSync(join(etc, 'pam.d', 'other'), OTHER);
    for (const { files } of cases)
      for (const [name, text] of files) writeFileSync(join(etc, 'pam.d', name), text);
    // pam_debug writes too, and the two streams mix: one word before each run tells them apart.
    const said = inNamespace(
      [{ from: etc, over: '/etc' }],
      `exec 2>&1 </dev/null; i=0; while [ $i -lt ${STACKS} ]; do for o in authenticate acct_mgmt; do
         echo "@nachweis-$i $o"; pamtester nachweis-$i root $o || :; done; i=$((i+1)); done`,
    );
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
    // The stacks reach many different ends, none of them almost always.
    expect(counts.size).toBeGreaterThan(20);
    for (const answer of ['success', 'auth_err', 'perm_denied', 'abort'])
      expect([answer, (counts.get(answer) ?? 0) > STACKS / 100]).toEqual([answer, true]);
  });
});
