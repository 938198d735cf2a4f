/** PAM configuration: written cases, hostile input, and libpam itself as the judge of what a line means. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CouldNotLook, valueIn } from '../../../checks/fact.ts';
import {
  type PamConfiguration,
  type PamStackEntry,
  pam,
  pamModules,
  pamServices,
  pamStack,
} from '../../../checks/facts/pam.ts';
import { pamReturns, parseControl, parsePam } from '../../../checks/facts/pam-line.ts';
import { memoryHost, type Node } from '../../../checks/host-memory.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

async function configuration(files: Readonly<Record<string, Node>>): Promise<PamConfiguration> {
  const get = () => Promise.reject(new Error('needs no other fact'));
  return valueIn(await pam.collect(memoryHost({ files }), get, new Date(0)));
}
const modulesOf = (found: PamConfiguration, service: string) =>
  pamModules(pamStack(found, service, 'auth')).map(({ module, args }) => [module, ...args].join(' '));

describe('lines', () => {
  it('reads types, controls, modules and arguments with their place', () => {
    const [first, second, third] = parsePam(
      '# auth required pam_permit.so\n\n-AUTH  [success=2 default=ignore]\t/lib/security/pam_unix.so nullok [a b\\]c] # x\naccount required \\\n  pam_x.so \\\n  y\nsession',
      'f',
    );
    expect(first).toMatchObject({
      kind: 'module',
      line: 3,
      type: 'auth',
      silent: true,
      module: 'pam_unix.so',
      args: ['nullok', 'a b]c'],
      actions: { default: 'ignore', named: { success: 2 } },
    });
    expect(second).toMatchObject({ line: 4, type: 'account', module: 'pam_x.so', args: ['y'] });
    expect(third).toMatchObject({ kind: 'broken', line: 7, problem: 'control' });
  });

  it('reads the words and the bracket form alike', () => {
    expect(parseControl('REQUIRED')).toEqual(
      parseControl('success=ok new_authtok_reqd=ok ignore=ignore default=bad'),
    );
    expect(parseControl('sufficient')).toEqual(
      parseControl('success=done new_authtok_reqd=done default=ignore'),
    );
    for (const wrong of ['sucess=ok', 'success=0', 'success', 'success=maybe', '=ok', 'success=ok junk'])
      expect(parseControl(wrong)).toEqual({ default: 'bad', named: {} });
  });

  it('knows every return value of libpam', () => {
    expect(pamReturns).toHaveLength(32);
  });
});

describe('services', () => {
  it('includes in place, nests substacks, and takes the first directory', async () => {
    const found = await configuration({
      '/etc/pam.d/a':
        'auth required one.so\n@include common\nauth substack sub\naccount include common\nauth include /srv/pam\n',
      '/etc/pam.d/common': 'auth required two.so\naccount required no.so\n',
      '/usr/lib/pam.d/common': 'auth required wrong.so\n',
      '/usr/lib/pam.d/sub': 'auth required three.so\n',
      '/usr/etc/pam.d/b': 'auth required vendor.so\n',
      '/srv/pam': 'auth required four.so\n',
      '/etc/pam.d/a.dpkg-old': 'auth required old.so\n',
      '/etc/pam.d/other': 'auth required deny.so\n',
      '/etc/pam.d/c': 'session required x.so\n',
    });
    expect(pamServices(found)).toEqual(['a', 'b', 'c', 'common', 'other', 'sub']);
    expect(modulesOf(found, 'a')).toEqual(['one.so', 'two.so', 'three.so', 'four.so']);
    expect(pamStack(found, 'a', 'auth').map(({ kind }) => kind)).toEqual([
      'module',
      'module',
      'substack',
      'module',
    ]);
    expect(modulesOf(found, 'b')).toEqual(['vendor.so']);
    expect(
      pamStack(
        await configuration({
          '/etc/pam.d/a': '@include b.bak\n',
          '/etc/pam.d/b.bak': 'auth required x.so\n',
        }),
        'a',
        'auth',
      ),
    ).toMatchObject([{ module: 'x.so' }]);
    expect(modulesOf(found, 'c')).toEqual(['deny.so']);
  });

  it('reads pam.conf only where there is no directory', async () => {
    const conf = { '/etc/pam.conf': 'Login auth required one.so\nother auth required two.so\n' };
    expect(modulesOf(await configuration(conf), 'login')).toEqual(['one.so']);
    const both = await configuration({ ...conf, '/etc/pam.d/login': 'auth required three.so\n' });
    expect(modulesOf(both, 'login')).toEqual(['three.so']);
  });

  it('ends circles and refuses stacks that explode', async () => {
    const circle = await configuration({
      '/etc/pam.d/a': 'auth include b\n',
      '/etc/pam.d/b': 'auth include a\n',
    });
    expect(pamStack(circle, 'a', 'auth')).toMatchObject([{ kind: 'broken', problem: 'module' }]);
    const bomb = Object.fromEntries(
      Array.from({ length: 14 }, (_, n) => [`/etc/pam.d/s${n}`, `auth include s${n + 1}\n`.repeat(9)]),
    );
    const found = await configuration({ ...bomb, '/etc/pam.d/s14': 'auth required x.so\n' });
    expect(() => pamStack(found, 's0', 'auth')).toThrow(CouldNotLook);
  });

  it('is unreadable when a file is', async () => {
    const host = memoryHost({ files: { '/etc/pam.d/a': { unreadable: 'no' } } });
    expect((await pam.collect(host, () => Promise.reject(new Error()), new Date(0))).state).toBe(
      'unreadable',
    );
  });
});

it('never throws, whatever the text', () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      'auth',
      'required',
      '[',
      ']',
      '\\',
      '\n',
      '\\\n',
      '#',
      ' ',
      '\t',
      '@include',
      'include',
      '=',
      'success',
      '-',
      '\r',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(pieces), (text) => {
      for (const format of ['pam.d', 'pam.conf'] as const) parsePam(text.join(''), 'f', format);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

/**
 * Stacks of modules whose answers are known: pam_permit succeeds, pam_deny fails. Whether authentication succeeds
 * depends on nothing but how the lines are read: comments, continuation, brackets, jumps, includes, substacks.
 */
const control = fc.constantFrom(
  'required',
  'requisite',
  'sufficient',
  'optional',
  'SUFFICIENT',
  '[success=ok default=ignore]',
  '[success=1 default=ignore]',
  '[success=done default=die]',
  '[default=ignore success=2]',
  '[ success = ok auth_err=ignore default=bad ]',
  '[success=bogus default=ignore]',
  '[default=done]',
);
const text = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(control, fc.constantFrom('pam_permit.so', 'pam_deny.so', 'pam_deny.so'))
      .map(([how, module]) => `auth ${how} ${module}`),
  },
  fc.constant('# auth sufficient pam_permit.so'),
  fc.constant('auth required pam_deny.so # pam_permit.so \\'),
  fc.constant('auth \\\n  sufficient \\\n\tpam_permit.so'),
  fc.constant('account sufficient pam_permit.so'),
  fc.constant('-auth optional pam_permit.so'),
  fc.constant('auth include nachweis-b'),
  fc.constant('auth substack nachweis-b'),
  fc.constant('@include nachweis-b'),
);
const file = fc.array(text, { minLength: 1, maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`);

type Answer = 'success' | 'auth_err';
interface Handler {
  readonly depth: number;
  /** Absent for the entry that opens a substack: it is counted by jumps and does nothing else. */
  readonly answer?: Answer;
  readonly actions?: ReturnType<typeof parseControl>;
}

function flatten(entries: readonly PamStackEntry[], depth = 0): Handler[] {
  return entries.flatMap((entry): Handler[] => {
    if (entry.kind === 'substack') return [{ depth }, ...flatten(entry.entries, depth + 1)];
    if (entry.kind === 'broken') throw new Error('not generated');
    return [
      { depth, answer: entry.module === 'pam_permit.so' ? 'success' : 'auth_err', actions: entry.actions },
    ];
  });
}

/** libpam's dispatcher in small, for modules that answer nothing but success and auth_err. */
function succeeds(found: PamConfiguration, service: string): boolean {
  const handlers = flatten(pamStack(found, service, 'auth'));
  const depthAt = (at: number) => handlers[at]?.depth ?? -1;
  type State = { impression: 'open' | 'positive' | 'negative'; status: Answer | 'failed' };
  let state: State = { impression: 'open', status: 'failed' };
  const entered: State[] = [state];
  let before = 0;
  for (let at = 0; at < handlers.length; at += 1) {
    const { depth, answer, actions } = handlers[at] as Handler;
    if (before < depth) entered[depth] = state;
    before = depth;
    if (!answer || !actions) continue;
    const action = actions.named[answer] ?? actions.default;
    let decided = false;
    if (action === 'reset') state = entered[depth] ?? state;
    if (action === 'ok' || action === 'done') {
      if (state.impression === 'open' || (state.impression === 'positive' && state.status === 'success'))
        state = { impression: 'positive', status: answer };
      decided = action === 'done' && state.impression === 'positive';
    }
    if (action === 'bad' || action === 'die') {
      if (state.impression !== 'negative') state = { impression: 'negative', status: answer };
      decided = action === 'die';
    }
    if (decided) while (depthAt(at + 1) >= depth) at += 1;
    if (typeof action !== 'number') continue;
    let left = action;
    for (; left > 0 && depthAt(at + 1) >= depth; left -= 1) {
      at += 1;
      while (depthAt(at + 1) > depth) at += 1;
    }
    if (left > 0) state = { impression: 'negative', status: 'failed' };
  }
  return state.impression === 'positive' && state.status === 'success';
}

describeInNamespace(['pamtester'], 'libpam agrees (pamtester)', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);

  it('on which random stacks let somebody in', { timeout: 60_000 }, async () => {
    const cases = fc.sample(
      fc.tuple(
        file,
        file.filter((lines) => !lines.includes('nachweis-b')),
      ),
      { numRuns: 150, seed: 11 },
    );
    rmSync(join(etc, 'pam.d'), { recursive: true });
    mkdirSync(join(etc, 'pam.d'));
    const names = cases.map(([first, second], index) => {
      const other = `nachweis-b${index}`;
      writeFileSync(join(etc, 'pam.d', `nachweis-a${index}`), first.replaceAll('nachweis-b', other));
      writeFileSync(join(etc, 'pam.d', other), second);
      return `nachweis-a${index}`;
    });
    writeFileSync(join(etc, 'pam.d', 'other'), 'auth required pam_deny.so\n');
    const real = inNamespace(
      [{ from: etc, over: '/etc' }],
      `for s in ${names.join(' ')}; do pamtester $s root authenticate >/dev/null 2>&1 </dev/null && echo "$s yes" || echo "$s no"; done`,
    );
    const said = new Map(real.split('\n').map((line) => line.split(' ') as [string, string]));
    for (const [index, [first, second]] of cases.entries()) {
      const found = await configuration({
        [`/etc/pam.d/nachweis-a${index}`]: first.replaceAll('nachweis-b', `nachweis-b${index}`),
        [`/etc/pam.d/nachweis-b${index}`]: second,
        '/etc/pam.d/other': 'auth required pam_deny.so\n',
      });
      expect([first, second, succeeds(found, `nachweis-a${index}`) ? 'yes' : 'no']).toEqual([
        first,
        second,
        said.get(`nachweis-a${index}`),
      ]);
    }
    expect([...said.values()].filter((answer) => answer === 'yes').length).toBeGreaterThan(20);
    expect([...said.values()].filter((answer) => answer === 'no').length).toBeGreaterThan(20);
  });
});
