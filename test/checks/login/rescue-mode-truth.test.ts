/** login.rescue-mode on what systemctl itself does to a root: enable, mask and override the debug shell. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { rescueMode } from '../../../checks/login/rescue-mode.ts';
import { judge } from '../../support/judge.ts';
import { describeWith, programs } from '../../support/programs.ts';

const UNITS = 'usr/lib/systemd/system';

describeWith(['systemctl'], 'a root in which systemctl --root has worked', () => {
  let root: string;
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const systemctl = (...args: string[]) => {
    const { status, stderr } = spawnSync(programs.systemctl.path, [`--root=${root}`, ...args], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, expect.any(String)]);
  };
  const outcome = async () => (await judge(rescueMode, linuxHost({ root }))).outcome;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nachweis-rescue-'));
    for (const mode of ['rescue', 'emergency'])
      put(
        `${UNITS}/${mode}.service`,
        `[Service]\nExecStart=-/usr/lib/systemd/systemd-sulogin-shell ${mode}\n`,
      );
    put(
      `${UNITS}/debug-shell.service`,
      '[Service]\nExecStart=/bin/bash\nStandardInput=tty\n[Install]\nWantedBy=sysinit.target\n',
    );
    put(`${UNITS}/sysinit.target`, '[Unit]\nDescription=x\n');
    put('etc/passwd', 'root:x:0:0::/root:/bin/sh\n');
    put('etc/shadow', 'root:*:20000:0:99999:7:::\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('enable opens, disable closes, mask closes', async () => {
    expect(await outcome()).toBe('pass');
    systemctl('enable', 'debug-shell.service');
    expect(await outcome()).toBe('fail');
    systemctl('disable', 'debug-shell.service');
    expect(await outcome()).toBe('pass');
    systemctl('add-wants', 'sysinit.target', 'debug-shell.service');
    expect(await outcome()).toBe('fail');
    systemctl('mask', 'debug-shell.service');
    expect(await outcome()).toBe('pass');
  });

  it('a FIFO or a directory in place of a file ends in unknown, at once', async () => {
    expect(spawnSync('mkfifo', [join(root, UNITS, 'console-shell.service')]).status).toBe(0);
    expect(await outcome()).toBe('unknown');
    rmSync(join(root, UNITS, 'console-shell.service'));
    mkdirSync(join(root, 'etc/default/grub'), { recursive: true });
    expect(await outcome()).toBe('unknown');
  });
});
