/** login.root-console on systems as delivered. */
import { describe, expect, it } from 'vitest';
import { rootConsole } from '../../../checks/login/root-console.ts';
import { judge } from '../../support/judge.ts';
import { pamStock } from '../../support/pam-stock.ts';

const HASH = '$y$j9T$abcdefgh$0123456789012345678901234567890123456789012';
const GUARD = 'auth requisite pam_securetty.so\n';

describe.each(pamStock.map((stock) => [stock.name, stock.files] as const))('%s', (_name, stock) => {
  const outcome = async (field: string, more: Readonly<Record<string, string>> = {}) => {
    const files = {
      ...stock,
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
      '/etc/shadow': `root:${field}:20000:0:99999:7:::\n`,
      ...more,
    };
    return (await judge(rootConsole, { files })).outcome;
  };
  const place = Object.keys(stock).find((path) => path.endsWith('/pam.d/login'));

  it('a locked root passes, one with a password does not', async () => {
    expect(await outcome('!')).toBe('pass');
    expect(await outcome(HASH)).toBe('fail');
  });

  it.skipIf(place === undefined)('pam_securetty with a short list passes', async () => {
    const login = `${GUARD}${stock[place ?? '']}`;
    expect(await outcome(HASH, { [place ?? '']: login, '/etc/securetty': 'tty1\n' })).toBe('pass');
    expect(await outcome(HASH, { [place ?? '']: login, '/etc/securetty': 'ttyS0\n' })).toBe('fail');
    expect(await outcome(HASH, { [place ?? '']: login })).toBe('fail');
  });
});
