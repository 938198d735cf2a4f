/** What others could exchange: paths, the program itself, and the state directory while somebody swaps links. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../../agent/state.ts';
import { untrustedPart } from '../../agent/trusted-path.ts';
import { projectRoot } from '../support/import-graph.ts';
import { runProgram } from '../support/program-run.ts';
import { describeAsRoot } from '../support/programs.ts';

const NOBODY = 65534;
let base: string;
beforeEach(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-trusted-'));
  fs.chmodSync(base, 0o755);
});
afterEach(() => fs.rmSync(base, { recursive: true, force: true }));
const at = (name: string): string => path.join(base, name);
const mine = new Set([0, process.geteuid?.() ?? 0]);

function directory(name: string, mode: number, uid?: number, gid = uid): string {
  fs.mkdirSync(at(name));
  if (uid !== undefined) fs.chownSync(at(name), uid, gid ?? uid);
  fs.chmodSync(at(name), mode);
  return at(name);
}

describe('a path', () => {
  it('is trusted below a sticky directory, and not as one', () => {
    directory('sticky', 0o1777);
    directory('sticky/own', 0o700);
    expect(untrustedPart(at('sticky/own'), mine)).toBeUndefined();
    expect(untrustedPart(at('sticky'), mine)).toMatchObject({ path: at('sticky'), why: 'writable' });
    expect(untrustedPart(at('sticky'), mine, new Set(), 'below it')).toBeUndefined();
  });

  it('is not trusted below what everybody can write to, over a loop, or where it ends', () => {
    directory('open', 0o777);
    directory('open/own', 0o700);
    expect(untrustedPart(at('open/own'), mine)).toMatchObject({ path: at('open'), why: 'writable' });
    fs.symlinkSync(at('loop'), at('loop'));
    expect(() => untrustedPart(at('loop'), mine)).toThrow(/too many links/);
    expect(() => untrustedPart(at('missing'), mine)).toThrow(/ENOENT/);
  });

  it('is followed over links, relative and absolute, with all that lies on the way', () => {
    directory('open', 0o777);
    directory('open/inside', 0o700);
    directory('way', 0o755);
    fs.symlinkSync('../open/inside', at('way/relative'));
    fs.symlinkSync(at('open'), at('way/absolute'));
    expect(untrustedPart(at('way/relative'), mine)).toMatchObject({ path: at('open') });
    expect(untrustedPart(at('way/absolute/inside'), mine)).toMatchObject({ path: at('open') });
    directory('good', 0o755);
    fs.symlinkSync('../good', at('way/good'));
    expect(untrustedPart(at('way/good'), mine)).toBeUndefined();
  });
});

describeAsRoot([], 'as root', () => {
  it('others’ directories, files and links are told apart; groups count when somebody is in them', () => {
    directory('theirs', 0o755, NOBODY);
    expect(untrustedPart(at('theirs'), mine)).toMatchObject({ why: 'owner', uid: NOBODY });
    expect(untrustedPart(at('theirs'), new Set([0, NOBODY]))).toBeUndefined();
    directory('sticky', 0o1777);
    directory('good', 0o700);
    fs.symlinkSync(at('good'), at('sticky/link'));
    fs.lchownSync(at('sticky/link'), NOBODY, NOBODY);
    expect(untrustedPart(at('sticky/link'), mine)).toMatchObject({ path: at('sticky/link'), why: 'owner' });
    // nogroup is the group of nobody; a number that no file names may be anybody's.
    for (const gid of [NOBODY, 54_321]) {
      directory(`group-${gid}`, 0o775, 0, gid);
      expect(untrustedPart(at(`group-${gid}`), mine), String(gid)).toMatchObject({ why: 'writable' });
    }
    directory('private', 0o775, 0, 0);
    expect(untrustedPart(at('private'), mine)).toBeUndefined();
  });

  it('a state directory is never made or used through a link that somebody swaps meanwhile', async () => {
    directory('sticky', 0o1777);
    directory('good', 0o700);
    directory('victim', 0o755);
    directory('theirs', 0o777, NOBODY);
    // As another user, as fast as it can: a link that leads now here, now there, under the very name.
    const swap = `
      const fs = require('node:fs');
      const targets = [${JSON.stringify(at('good'))}, ${JSON.stringify(at('victim'))}, ${JSON.stringify(at('theirs'))}];
      process.setgid(${NOBODY}); process.setuid(${NOBODY});
      console.log('on');
      for (let n = 0; ; n++) {
        const beside = ${JSON.stringify(at('sticky/beside'))};
        try { fs.symlinkSync(targets[n % 3], beside); } catch {}
        try { fs.renameSync(beside, ${JSON.stringify(at('sticky/state'))}); } catch { try { fs.unlinkSync(beside); } catch {} }
        if (n % 50 === 0) try { fs.unlinkSync(${JSON.stringify(at('sticky/state'))}); } catch {}
      }`;
    const swapper = spawn(process.execPath, ['-e', swap], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => swapper.stdout.once('data', resolve));
    const outcomes = new Set<string>();
    const until = performance.now() + 2500;
    while (performance.now() < until) {
      for (const name of ['sticky/state', 'sticky/state/deeper']) {
        try {
          openState(at(name), { create: true }).disk.write(path.join(at(name), 'enrolment.json'), 'x');
          outcomes.add('written');
        } catch (error) {
          outcomes.add(String((error as { code?: string }).code));
        }
        // What root made there itself nobody else can move; it goes, so that the next try is one again.
        const stats = fs.lstatSync(at('sticky/state'), { throwIfNoEntry: false });
        if (stats?.isDirectory()) fs.rmSync(at('sticky/state'), { recursive: true });
      }
    }
    const closed = new Promise((resolve) => swapper.once('close', resolve));
    swapper.kill('SIGKILL');
    await closed;
    for (const name of ['good', 'victim', 'theirs']) expect(fs.readdirSync(at(name)), name).toEqual([]);
    expect([...outcomes]).toContain('STATE_UNSAFE');
  });

  it('the program is refused where others can change it, and where it belongs to somebody else', {
    timeout: 180_000,
  }, async () => {
    const tree = directory('tree', 0o755);
    for (const name of ['agent', 'checks', 'shared', 'package.json'])
      fs.cpSync(path.join(projectRoot, name), path.join(tree, name), { recursive: true });
    fs.symlinkSync(path.join(projectRoot, 'node_modules'), path.join(tree, 'node_modules'));
    const nachweis = async (command: string, env: Record<string, string> = {}) => {
      const argv = [
        process.execPath,
        path.join(tree, 'agent/main.ts'),
        command,
        '--lang',
        'en',
        '--state',
        at('none'),
      ];
      const { stderr } = await runProgram(argv, { env: { PATH: '/usr/bin:/bin', ...env } });
      return /^[A-Z_]+/.exec(stderr)?.[0] ?? stderr;
    };
    // In order: refused only because there is nothing to send.
    expect(await nachweis('send')).toBe('NOT_ENROLLED');
    fs.chownSync(path.join(tree, 'shared/bytes.ts'), NOBODY, NOBODY);
    for (const command of ['enrol', 'run']) expect(await nachweis(command), command).toBe('PROGRAM_FOREIGN');
    expect(await nachweis('status')).toBe('NOT_ENROLLED');
    const trusting = { NACHWEIS_TRUST_OWNER: String(NOBODY) };
    expect(await nachweis('send', trusting)).toBe('NOT_ENROLLED');
    fs.chmodSync(path.join(tree, 'checks/login'), 0o777);
    expect(await nachweis('send', trusting)).toBe('PROGRAM_UNSAFE');
    fs.chmodSync(path.join(tree, 'checks/login'), 0o755);
    // The directory above: everything below it can be exchanged.
    fs.chmodSync(base, 0o777);
    expect(await nachweis('send', trusting)).toBe('PROGRAM_UNSAFE');
    fs.chmodSync(base, 0o1777);
    expect(await nachweis('send', trusting)).toBe('NOT_ENROLLED');
  });
});
