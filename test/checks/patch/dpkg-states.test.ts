/** patch.held-packages and patch.broken-packages with states that dpkg itself made, in a Debian root. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { brokenPackages } from '../../../checks/patch/broken-packages.ts';
import { heldPackages } from '../../../checks/patch/held-packages.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { judge } from '../../support/judge.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

describeInDebian('states of dpkg', () => {
  let copy: RootCopy;
  beforeEach(async () => {
    copy = copyRoot(await debianRoot(12));
  }, ROOT_TIMEOUT_MS);
  afterEach(() => copy?.remove());

  const held = () => judge(heldPackages, linuxHost({ root: copy.path }));
  const broken = () => judge(brokenPackages, linuxHost({ root: copy.path }));
  /** What dpkg complains of itself; empty where nothing. */
  const audit = () => copy.run(['dpkg', '--audit']);
  const sh = (script: string) => copy.run(['sh', '-c', script]);

  async function build(name: string, files: Readonly<Record<string, string>>, fields = ''): Promise<void> {
    const control = join(copy.path, 'build', name, 'DEBIAN');
    mkdirSync(control, { recursive: true });
    const head = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: X <x@example.org>\nDescription: x\n`;
    writeFileSync(join(control, 'control'), head + fields);
    for (const [file, text] of Object.entries(files))
      writeFileSync(join(control, file), text, { mode: 0o755 });
    await copy.run(['dpkg-deb', '-b', `/build/${name}`, `/build/${name}.deb`]);
  }

  it('as installed: nothing held, nothing broken', async () => {
    expect(await audit()).toBe('');
    expect((await held()).outcome).toBe('pass');
    expect((await broken()).outcome).toBe('pass');
  });

  it('apt-mark hold, and unhold', async () => {
    await copy.run(['apt-mark', 'hold', 'sudo']);
    expect(await held()).toMatchObject({
      outcome: 'fail',
      evidence: [{ found: { en: 'sudo is held back' } }],
    });
    await copy.run(['apt-mark', 'unhold', 'sudo']);
    expect((await held()).outcome).toBe('pass');
  });

  it.each([
    ['unpacked', {}, 'dpkg --unpack /build/demo.deb', 'unpacked, not configured'],
    [
      'configuring failed',
      { postinst: '#!/bin/sh\nexit 1\n' },
      'dpkg -i /build/demo.deb',
      'only half configured',
    ],
    [
      'killed while it unpacked',
      { preinst: '#!/bin/sh\nkill -9 $PPID\nsleep 1\n' },
      'dpkg -i /build/demo.deb',
      'has to be installed again',
    ],
    [
      'killed while it configured',
      { postinst: '#!/bin/sh\nkill -9 $PPID\nsleep 1\n' },
      'dpkg -i /build/demo.deb',
      'only half configured',
    ],
  ])('%s', async (_name, files, command, says) => {
    await build('demo', files);
    await sh(`${command} || true`);
    expect(await audit()).toContain('demo');
    const result = await broken();
    expect(result.outcome).toBe('fail');
    const text = JSON.stringify(result);
    // A killed run leaves its news in the journal; the main file learns of it with the next run.
    expect(text.includes(says) || text.includes('dpkg was interrupted')).toBe(true);
    await sh('dpkg --purge --force-remove-reinstreq demo');
    expect(await audit()).toBe('');
    expect((await broken()).outcome).toBe('pass');
  });

  it('triggers that wait', async () => {
    await build('demo', { triggers: 'interest /opt/demo\n', postinst: '#!/bin/sh\n[ "$1" != triggered ]\n' });
    await build('other', { triggers: 'activate /opt/demo\n' });
    await sh('dpkg -i /build/demo.deb; dpkg -i /build/other.deb || true');
    expect(await audit()).toMatch(/demo|other/);
    expect((await broken()).outcome).toBe('fail');
  });
});
