/** login.rescue-mode against the sulogin of Debian 11, 12 and 13 on a terminal: where it opens a shell that asks for nothing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { rescueMode } from '../../../checks/login/rescue-mode.ts';
import {
  type DebianRelease,
  debianRoot,
  describeInDebian,
  ROOT_TIMEOUT_MS,
} from '../../support/debian-root.ts';
import { judge } from '../../support/judge.ts';
import { runProgram } from '../../support/program-run.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

const DROP_IN = 'etc/systemd/system/rescue.service.d/force.conf';

/** In a mount namespace of its own: the files of this case over those of the root, a terminal, Enter, a command. */
const SESSION = `set -eu
mount --bind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount --bind "$2" "$1/etc/shadow"
(sleep 1; printf '\\n'; sleep 0.5; printf 'echo opened-$((40+2))\\n'; sleep 1) |
  timeout 8 script -qec "chroot '$1' /sbin/sulogin $3" /dev/null`;

for (const release of [11, 12, 13] as const satisfies readonly DebianRelease[])
  describeInDebian(`sulogin of Debian ${release}`, () => {
    let root: RootCopy;
    let shadow = '';
    const at = (path: string) => join(root.path, path);

    beforeAll(async () => {
      root = copyRoot(await debianRoot(release));
      shadow = readFileSync(at('etc/shadow'), 'utf8');
    }, ROOT_TIMEOUT_MS);
    afterAll(() => root?.remove());

    it('opens without a password exactly where the check fails', async () => {
      const hash = /^root:([^:]+):/m.exec(shadow)?.[1] ?? '';
      const fields = ['*', '!', '!*', '!!', `!${hash}`, hash, ''];
      const cases = fields.flatMap((field) => [false, true].map((force) => ({ field, force })));
      const withField = (field: string) => shadow.replace(/^root:[^:]*:/m, () => `root:${field}:`);
      const opened = await Promise.all(
        cases.map(async ({ field, force }, index) => {
          const file = at(`tmp/shadow-${index}`);
          writeFileSync(file, withField(field), { mode: 0o600 });
          const session = ['sh', '-c', SESSION, 'sh', root.path, file, force ? '--force' : ''];
          const { stdout } = await runProgram(['unshare', '--mount', ...session], { timeoutMs: 30_000 });
          expect(stdout).toMatch(/maintenance|locked/);
          return stdout.includes('opened-42');
        }),
      );
      expect(opened.filter(Boolean).length).toBeGreaterThan(4);

      mkdirSync(dirname(at(DROP_IN)), { recursive: true });
      for (const [index, { field, force }] of cases.entries()) {
        writeFileSync(at('etc/shadow'), withField(field), { mode: 0o600 });
        rmSync(at(DROP_IN), { force: true });
        if (force) writeFileSync(at(DROP_IN), '[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\n');
        const { outcome } = await judge(rescueMode, linuxHost({ root: root.path }));
        const name = field === hash ? 'hash' : field.replace(hash, 'hash');
        expect([name, force, outcome]).toEqual([name, force, opened[index] ? 'fail' : 'pass']);
      }
    }, 60_000);
  });
