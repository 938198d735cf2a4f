/** password.hash-algorithm against libpam: what pam_unix really stores for each combination of option and login.defs. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseShadow } from '../../../checks/facts/shadow.ts';
import { hashAlgorithm } from '../../../checks/password/hash-algorithm.ts';
import { judge } from '../../support/judge.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const options = [
  '',
  'md5',
  'sha256',
  'sha512',
  'yescrypt',
  'gost_yescrypt',
  'blowfish',
  'yescrypt sha256',
  'sha512 shadow md5',
  'sha512x',
  'YESCRYPT',
  '# sha512',
];
const defs = [
  '',
  'ENCRYPT_METHOD YESCRYPT\n',
  'ENCRYPT_METHOD SHA512\n',
  'ENCRYPT_METHOD MD5\nENCRYPT_METHOD SHA512\n',
  'encrypt_method = sha256\n',
  'ENCRYPT_METHOD NONSENSE\n',
  '#ENCRYPT_METHOD SHA512\n',
];

describeInNamespace(['pamtester'], 'libpam stores what we say it stores', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);

  it('for every option and login.defs', { timeout: 120_000 }, async () => {
    rmSync(join(etc, 'pam.d'), { recursive: true });
    mkdirSync(join(etc, 'pam.d'));
    for (const [index, option] of options.entries())
      writeFileSync(join(etc, `pam.d/p${index}`), `password required pam_unix.so ${option}\n`);
    for (const [index, text] of defs.entries()) writeFileSync(join(etc, `defs${index}`), text);
    const users = defs.flatMap((_, one) => options.map((__, two) => `u${one}x${two}`));
    appendFileSync(
      join(etc, 'passwd'),
      users.map((name, index) => `${name}:x:${7000 + index}:7000::/:/bin/sh\n`).join(''),
    );
    appendFileSync(join(etc, 'shadow'), users.map((name) => `${name}:*:20000:0:99999:7:::\n`).join(''));
    const changes = defs
      .flatMap((_, one) => [
        `cp /etc/defs${one} /etc/login.defs`,
        ...options.map(
          (__, two) =>
            `printf 'Xk4-example-pw\\nXk4-example-pw\\n' | pamtester p${two} u${one}x${two} chauthtok >/dev/null 2>&1`,
        ),
      ])
      .join('\n');
    const stored = parseShadow(
      inNamespace([{ from: etc, over: '/etc' }], `${changes}\ncat /etc/shadow`),
    ).entries;
    const schemes = new Set<string>();
    for (const [one, text] of defs.entries())
      for (const [two, option] of options.entries()) {
        const password = stored.find(({ name }) => name === `u${one}x${two}`)?.password;
        const scheme = password?.kind === 'hash' ? password.scheme : 'none';
        schemes.add(scheme);
        const { evidence } = await judge(
          hashAlgorithm,
          {
            files: {
              '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
              '/etc/login.defs': text,
              '/etc/pam.d/passwd': `password required pam_unix.so ${option}\n`,
            },
          },
          // Nothing is allowed that occurs, so that every finding is listed.
          { allowed: ['bigcrypt'] },
        );
        const said = JSON.stringify(evidence.find(({ source }) => source === '/etc/pam.d/passwd'));
        expect([option, text, said]).toEqual([
          option,
          text,
          expect.stringContaining(`pam_unix: ${scheme} (`),
        ]);
      }
    expect([...schemes].sort()).toEqual([
      'bcrypt',
      'des',
      'gost-yescrypt',
      'md5',
      'sha256',
      'sha512',
      'yescrypt',
    ]);
  });
});
