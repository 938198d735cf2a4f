/** Our reading of a unit's conditions against systemd's own: `systemd-analyze condition`, on real files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import type { Unit } from '../../../checks/facts/systemd-unit.ts';
import { unitStart } from '../../../checks/facts/unit-conditions.ts';
import { describeAsRoot, programs } from '../../support/programs.ts';

const unit = (lines: readonly string[], section = 'Unit'): Unit => ({
  ...{ name: 'backup.service', state: 'loaded', dropIns: [], names: ['backup.service'] },
  settings: lines.map((line, index) => {
    const [key = '', ...value] = line.split('=');
    return { section, key, value: value.join('='), source: '/etc/x.service', line: index + 1 };
  }),
});

describeAsRoot(['systemd-analyze'], 'conditions of a unit', () => {
  // Where nothing comes and goes by itself.
  let place = '';
  beforeAll(() => {
    place = mkdtempSync('/opt/nachweis-conditions-');
    writeFileSync(join(place, 'file'), 'x');
    writeFileSync(join(place, 'empty'), '');
    writeFileSync(join(place, 'program'), '#!/bin/sh\n');
    chmodSync(join(place, 'program'), 0o755);
    mkdirSync(join(place, 'full'));
    writeFileSync(join(place, 'full/x'), '');
    mkdirSync(join(place, 'bare'));
    symlinkSync(join(place, 'file'), join(place, 'link'));
    symlinkSync(join(place, 'nowhere'), join(place, 'dangling'));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it('are met where systemd says so', { timeout: 120_000 }, async () => {
    const condition = fc
      .tuple(
        fc.constantFrom('Condition', 'Assert'),
        fc.constantFrom(
          ...['PathExists', 'PathIsDirectory', 'PathIsSymbolicLink', 'FileNotEmpty'],
          ...['FileIsExecutable', 'DirectoryNotEmpty'],
        ),
        fc.constantFrom('', '!', '|', '|!'),
        fc.constantFrom('file', 'empty', 'program', 'full', 'bare', 'link', 'dangling', 'none'),
      )
      .map(([kind, what, marks, name]) => `${kind}${what}=${marks}${join(place, name)}`);
    await fc.assert(
      fc.asyncProperty(fc.array(condition, { minLength: 1, maxLength: 4 }), async (lines) => {
        const asked = spawnSync(programs['systemd-analyze'].path, ['condition', ...lines], {
          encoding: 'utf8',
        });
        expect([0, 1], asked.stderr).toContain(asked.status);
        const { never, doubt } = await unitStart(linuxHost(), unit(lines));
        expect([never === undefined, doubt], lines.join('\n')).toEqual([asked.status === 0, undefined]);
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it.each<[string, readonly string[], object]>([
    ['a path that may come', ['ConditionPathExists=/mnt/usb/none'], { doubt: /\/mnt\/usb\/none/ }],
    ['what depends on the machine', ['ConditionVirtualization=!container'], { doubt: /Virtualization/ }],
    ['mains, and root', ['ConditionACPower=true', 'ConditionUser=root'], {}],
    ['one that was taken back', ['ConditionPathExists=/etc/none', 'ConditionPathIsDirectory='], {}],
    [
      'a path that is not met beside a doubt',
      ['ConditionHost=x', 'ConditionPathExists=/etc/none'],
      { never: /\/etc\/none/ },
    ],
    [
      'a doubt of which another takes the place',
      ['ConditionHost=|x', 'ConditionPathExists=|/etc/passwd'],
      {},
    ],
  ])('%s', async (_, lines, expected) => {
    const { never, doubt } = await unitStart(linuxHost(), unit(lines));
    const said = { ...(never ? { never: never.en } : {}), ...(doubt ? { doubt: doubt.en } : {}) };
    expect(Object.keys(said)).toEqual(Object.keys(expected));
    for (const [key, pattern] of Object.entries(expected))
      expect(said[key as keyof typeof said]).toMatch(pattern as RegExp);
  });
});
