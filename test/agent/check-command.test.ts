/** `nachweis check` as a process: form, language, selection, exit status, and what it must not load. */
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkText } from '../../agent/check-text.ts';
import { languageOf } from '../../agent/language.ts';
import { terminalOf, wrap } from '../../agent/terminal.ts';
import { allChecks } from '../../checks/registry.ts';
import { accessMatrixSchema } from '../../shared/access-matrix.ts';
import { evidenceSchema, outcomeSchema, severitySchema } from '../../shared/outcome.ts';

const project = path.join(import.meta.dirname, '../..');
const main = path.join(project, 'agent/main.ts');

let base: string;
let root: string;
beforeAll(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-check-'));
  root = path.join(base, 'root');
  const files: Record<string, string> = {
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    'etc/hostname': 'web1\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n',
    'etc/login.defs': 'PASS_MAX_DAYS 90\nENCRYPT_METHOD YESCRYPT\n',
    'etc/shadow': 'root:*:19000:0:90:7:::\ntoor:*:19000:0:90:7:::\n',
    'etc/group': 'root:x:0:\n',
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
});
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}
/** From a directory that is not the project, with nothing in the environment that the test does not say. */
function nachweis(args: string[], env: Record<string, string> = {}, node: string[] = []): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...node, main, ...args],
      { cwd: base, env: { PATH: '/usr/bin:/bin', ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}
const file = (name: string, text: string): string => {
  fs.writeFileSync(path.join(base, name), text);
  return path.join(base, name);
};
const uidZero = ['check', '--root', 'root', '--only', 'access.uid-zero'];

const jsonSchema = z.strictObject({
  host: z.looseObject({ hostname: z.string(), os: z.looseObject({ id: z.string() }), kind: z.string() }),
  results: z.array(
    z.strictObject({
      check: z.string(),
      outcome: outcomeSchema,
      severity: severitySchema,
      reason: z.string().optional(),
      evidence: z.array(evidenceSchema.extend({ found: z.string(), wanted: z.string() })),
    }),
  ),
});

describe('nachweis check', () => {
  it('exits 1 where something fails, and says what, where, and what to do', async () => {
    const { status, stdout, stderr } = await nachweis(uidZero);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toContain('access.uid-zero');
    expect(stdout).toContain('/etc/passwd:2');
    expect(stdout).toContain('toor');
    expect(stdout).toContain('→');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 check: 1 fails');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no colours in a pipe
    expect(stdout).not.toMatch(/\u001b/);
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  it('--access: who can enter, in words and as JSON; without a register nothing is known to be granted', async () => {
    const host = path.join(base, 'entered');
    fs.cpSync(root, host, { recursive: true });
    fs.appendFileSync(path.join(host, 'etc/passwd'), 'anna:x:1000:1000::/home/anna:/bin/bash\n');
    fs.appendFileSync(path.join(host, 'etc/shadow'), 'anna:$y$j9T$abcdefgh$abcdefgh:19000:0:90:7:::\n');
    fs.appendFileSync(path.join(host, 'etc/group'), 'docker:x:998:anna\n');
    const text = await nachweis(['check', '--access', '--root', 'entered']);
    expect([text.status, text.stderr]).toEqual([3, '']);
    expect(text.stdout).toMatch(/^anna$\n {2}Console +own password$/m);
    expect(text.stdout).toMatch(/Container group +no proof +→ root$\n +docker · \/etc\/group:2$/m);
    expect(text.stdout).toContain('No register of grants');
    expect(text.stdout).not.toMatch(/ $/m);
    expect(text.stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    const german = await nachweis(['check', '--access', '--root', 'entered', '--lang', 'de']);
    expect(german.stdout).toContain('Container-Gruppe');
    const json = await nachweis(['check', '--access', '--root', 'entered', '--format', 'json']);
    const { access } = JSON.parse(json.stdout);
    expect(accessMatrixSchema.parse(access)).toMatchObject({ register: false });
    expect(JSON.stringify(access)).not.toContain('abcdefgh');
  });

  it('exits 0 where nothing fails', async () => {
    const { status, stdout } = await nachweis(['check', '--root', 'root', '--only', 'password.max-age']);
    expect(status, stdout).toBe(0);
  });

  it('exits 3 where nothing fails but something could not be looked at', async () => {
    const unreadable = path.join(base, 'odd');
    fs.cpSync(root, unreadable, { recursive: true });
    fs.rmSync(path.join(unreadable, 'etc/passwd'));
    execFileSync('mkfifo', [path.join(unreadable, 'etc/passwd')]);
    const { status, stdout } = await nachweis(['check', '--root', 'odd', '--only', 'access.uid-zero']);
    expect([status, stdout.includes('not a regular file')]).toEqual([3, true]);
  });

  it.each([
    ['an unknown check', ['check', '--only', 'login.no-such'], 'CHECK_UNKNOWN'],
    ['an unknown family', ['check', '--only', 'colour.*'], 'CHECK_UNKNOWN'],
    ['a beginning that no check has', ['check', '--only', 'login.sshx-*'], 'CHECK_UNKNOWN'],
    ['a star in the middle', ['check', '--only', 'login.*-macs'], 'CHECK_UNKNOWN'],
    ['a star alone', ['check', '--only', '*'], 'CHECK_UNKNOWN'],
    ['an unknown option', ['check', '--colour'], 'USAGE'],
    ['an unknown format', ['check', '--format', 'xml'], 'USAGE'],
    ['an unknown command', ['chekc'], 'USAGE'],
    ['too many arguments', ['check', 'this'], 'USAGE'],
    ['a root that is no directory', ['check', '--root', 'nowhere'], 'ROOT_INVALID'],
    ['a root that holds no system', ['check', '--root', '.'], 'ROOT_INVALID'],
    ['parameters that are not there', ['check', '--params', 'no.yaml'], 'FILE_UNREADABLE'],
  ])('exits 2 for %s, in one line with a code', async (_what, args, code) => {
    const { status, stdout, stderr } = await nachweis(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^${code}: .+\\n$`));
  });

  it.each([
    ['of a check that there is not', 'login.no-such: {}\n'],
    ['with a name that the check does not know', 'password.max-age: { maxium: 3 }\n'],
    ['with a value of another kind', 'password.max-age: { maximum: many }\n'],
    ['that are a list', '- a\n'],
    ['that are no YAML', '{a: [\n'],
  ])('refuses parameters %s', async (_what, text) => {
    const { status, stderr } = await nachweis([...uidZero, '--params', file('params.yaml', text)]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^(?:PARAMS_INVALID|FILE_INVALID): /);
  });

  it('judges by the parameters given, in YAML and JSON', async () => {
    const parameter = Object.keys(
      allChecks.find(({ id }) => id === 'password.max-age')?.params.shape ?? {},
    ).find((name) => /^max/.test(name));
    expect(parameter).toBeDefined();
    const values = { 'password.max-age': { [parameter ?? '']: 30 } };
    for (const text of [JSON.stringify(values), `password.max-age:\n  ${parameter}: 30\n`]) {
      const args = ['check', '--root', 'root', '--only', 'password.max-age', '--params', file('p', text)];
      expect((await nachweis(args)).status).toBe(1);
    }
  });

  it('takes a contract, and refuses one with other words', async () => {
    expect(
      (await nachweis([...uidZero, '--contract', file('c', 'site: provider\nbackup: false\n')])).status,
    ).toBe(1);
    const wrong = await nachweis([...uidZero, '--contract', file('c', 'site: moon\n')]);
    expect([wrong.status, wrong.stderr.startsWith('FILE_INVALID: ')]).toEqual([2, true]);
  });

  it.each(['de', 'en'])('gives the JSON of the issue, with strings in %s', async (language) => {
    const { status, stdout } = await nachweis([
      'check',
      '--root',
      'root',
      '--format',
      'json',
      '--lang',
      language,
    ]);
    const { host, results } = jsonSchema.parse(JSON.parse(stdout));
    expect([host.hostname, host.os.id, status]).toEqual(['web1', 'debian', 1]);
    expect(results.map(({ check }) => check)).toEqual(allChecks.map(({ id }) => id).sort());
    for (const { outcome, reason, check } of results) {
      if (outcome === 'unknown' || outcome === 'not-applicable') expect(reason, check).toBeTruthy();
    }
    expect(stdout.includes('nicht') && stdout.includes('oder')).toBe(language === 'de');
  });

  it('speaks the language of the locale, with the command line first', async () => {
    expect((await nachweis(uidZero, { LANG: 'de_DE.UTF-8' })).stdout).toContain('1 Prüfung: ');
    expect((await nachweis(uidZero, { LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).stdout).toContain('1 check: ');
    expect((await nachweis([...uidZero, '--lang', 'de'], { LC_ALL: 'C' })).stdout).toContain('1 Prüfung: ');
    expect((await nachweis(['check', '--root', 'x'], { LC_ALL: 'de_AT' })).stderr).toContain(
      'ist kein Verzeichnis',
    );
  });

  it('judges a family with a star, and several with commas', async () => {
    const ids = async (only: string) => {
      const { stdout } = await nachweis(['check', '--only', only, '--list', '--format', 'json']);
      return JSON.parse(stdout).map((one: { check: string }) => one.check);
    };
    expect(await ids('access.*')).toEqual(
      allChecks.map(({ id }) => id).filter((id) => id.startsWith('access.')),
    );
    expect(await ids('access.uid-zero, password.max-age')).toEqual(['access.uid-zero', 'password.max-age']);
    const sshd = await ids('login.sshd-*');
    expect(sshd).toContain('login.sshd-ciphers');
    expect(sshd).toEqual(allChecks.map(({ id }) => id).filter((id) => id.startsWith('login.sshd-')));
    expect(await ids('login.sshd-m*,access.uid-zero')).toEqual([
      'login.sshd-max-auth-tries',
      'login.sshd-max-startups',
      'login.sshd-macs',
      'login.sshd-max-sessions',
      'access.uid-zero',
    ]);
  });

  describe('loads', () => {
    /** The addresses of all modules of a whole run. */
    async function loadedBy(args: string[]): Promise<string> {
      const seen = path.join(base, 'loaded');
      const hook = `import { registerHooks } from 'node:module'; import fs from 'node:fs'; const all = [];
        registerHooks({ load(url, context, next) { all.push(url); return next(url, context); } });
        process.on('exit', () => fs.writeFileSync(${JSON.stringify(seen)}, all.join('\\n')));`;
      const { status } = await nachweis(args, {}, [
        '--import',
        `data:text/javascript,${encodeURIComponent(hook)}`,
      ]);
      expect(status).toBe(1);
      return fs.readFileSync(seen, 'utf8');
    }

    it('neither undici nor pino, nor anything else of network or scheduling', async () => {
      const loaded = await loadedBy(['check', '--root', 'root']);
      expect(loaded).toContain('/checks/registry.ts');
      expect(loaded).toMatch(/node_modules\/zod\//);
      expect(loaded).not.toMatch(/node_modules\/(?:undici|pino|node-cron|systeminformation)\//);
      expect(loaded).not.toMatch(/agent\/(?:send|collector|spool|enrol)\.ts/);
    });

    it('of the checks only the families that are asked for', async () => {
      const loaded = await loadedBy(uidZero);
      expect(loaded).toContain('/checks/access/index.ts');
      expect(loaded).not.toMatch(/checks\/(?:registry\.ts|patch\/index\.ts|backup\/index\.ts)/);
    });
  });

  it('shows no secret, whatever file it was in', async () => {
    const planted: Record<string, string> = {
      'etc/shadow':
        'root:$y$j9T$CANARYsalt1234$CANARYhash567890:19000:0:99999:7:::\nold:CANARYdes12345:1::::::\n',
      'etc/gshadow': 'wheel:$6$CANARYsalt$CANARYgroup::\n',
      'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nold:$1$CANARY$CANARYinpasswd:0:1::/:/bin/sh\n',
      'etc/apt/sources.list': 'deb https://user:CANARYapt@deb.example.org/debian bookworm main\n',
      'etc/apt/auth.conf': 'machine deb.example.org login user password CANARYauth\n',
      'etc/apt/apt.conf.d/99proxy': 'Acquire::http::Proxy "http://user:CANARYproxy@192.0.2.1:3128";\n',
      'etc/systemd/system/restic.service':
        '[Service]\nEnvironment=RESTIC_PASSWORD=CANARYrestic AWS_SECRET_ACCESS_KEY=CANARYaws\n' +
        'ExecStart=/usr/bin/restic -r rest:https://user:CANARYrepo@backup.example.org/ backup /etc\n',
      'etc/systemd/system/restic.timer': '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
      'etc/cron.d/restic':
        '0 1 * * * root RESTIC_PASSWORD=CANARYcron restic -r s3:https://k:CANARYs3@192.0.2.2/b backup /etc\n',
      'etc/gdm3/daemon.conf': '[daemon]\nAutomaticLoginEnable=true\nAutomaticLogin=password=CANARYgdm\n',
    };
    const seeded = path.join(base, 'canaries');
    fs.cpSync(root, seeded, { recursive: true });
    for (const [name, text] of Object.entries(planted)) {
      fs.mkdirSync(path.dirname(path.join(seeded, name)), { recursive: true });
      fs.writeFileSync(path.join(seeded, name), text, { mode: 0o600 });
    }
    for (const format of ['json', 'text']) {
      const { status, stdout, stderr } = await nachweis([
        'check',
        '--root',
        'canaries',
        '--all',
        '--format',
        format,
      ]);
      // The files were really looked at: the empty-handed show no secrets either.
      expect([status, stdout.includes('/etc/passwd') && stdout.includes('restic')]).toEqual([1, true]);
      expect(stdout + stderr).not.toContain('CANARY');
    }
  });

  it('ends quietly when nobody reads on', () => {
    const out = execFileSync('/bin/sh', [
      '-c',
      `"${process.execPath}" "${main}" check --root "${root}" --format json | head -c 10; wait`,
    ]);
    expect(out.toString()).toHaveLength(10);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'without root says so, and knows less instead of guessing',
    async () => {
      const shadow = path.join(root, 'etc/shadow');
      fs.chmodSync(shadow, 0o600);
      fs.chmodSync(base, 0o755);
      const script = `process.setgid(65534); process.setuid(65534);
      process.argv.splice(1, 1, ${JSON.stringify(main)});
      await import(${JSON.stringify(main)});`;
      const child = file('as-nobody.mjs', script);
      const ended = await new Promise<Ended>((resolve) =>
        execFile(
          process.execPath,
          [child, 'check', '--root', root, '--only', 'password.stored-hashes'],
          { cwd: '/', env: { PATH: '/usr/bin:/bin' } },
          (error, stdout, stderr) => resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
        ),
      );
      expect([ended.status, ended.stderr]).toEqual([3, '']);
      expect(ended.stdout).toContain('run as root');
      expect(ended.stdout).toContain('Not run as root');
    },
  );
});

describe('the text', () => {
  const result = (check: string, outcome: 'fail' | 'pass' | 'unknown', more: number) => ({
    check,
    outcome,
    severity: 'high' as const,
    evidence: Array.from({ length: more }, (_, n) => ({
      source: '/etc/x',
      line: n + 1,
      found: `f${n}`,
      wanted: 'w',
    })),
    ...(outcome === 'unknown' ? { reason: { en: 'why not', de: 'warum nicht' } } : {}),
  });
  const judged = (results: ReturnType<typeof result>[]) => ({
    machine: {
      hostname: 'h',
      os: { id: 'debian', version: '', name: '', like: [] },
      kernel: '',
      arch: '',
      kind: 'vm' as const,
      disks: [],
    },
    results,
    now: new Date('2026-06-15T12:00:00.000Z'),
    durations: {},
  });
  const options = { language: 'en' as const, privileged: true, all: false, terminal: terminalOf({}, {}) };

  it('puts what fails first, then what is unknown', () => {
    const text = checkText(
      judged([result('access.uid-zero', 'pass', 1), result('access.file-modes', 'unknown', 1)]),
      allChecks,
      options,
    );
    expect(text.indexOf('access.file-modes')).toBeLessThan(text.indexOf('access.uid-zero'));
    expect(text).toContain('why not');
    expect(text).toMatch(/2 checks: 1 unknown, 1 passes\n$/);
  });

  it('shows the first pieces of evidence, and all if that is wanted', () => {
    const many = judged([result('access.uid-zero', 'fail', 20)]);
    expect(checkText(many, allChecks, options)).toMatch(/f5\n[\s\S]*and 14 more; --all/);
    expect(checkText(many, allChecks, { ...options, all: true })).toMatch(/f19\n/);
  });

  it('is coloured on a terminal only, and not with NO_COLOR or on a dumb one', () => {
    const colours = (stream: object, env: Record<string, string>) =>
      terminalOf(stream, env).paint('red', 'x') !== 'x';
    expect(colours({ isTTY: true }, {})).toBe(true);
    expect(colours({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(colours({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(colours({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(colours({}, {})).toBe(false);
  });

  it('wraps at words, hangs, and leaves long words whole', () => {
    expect(wrap('one two three', 24, '  - ')).toEqual(['  - one two three']);
    expect(wrap('a fairly long line of words', 24, '    ')).toEqual([
      '    a fairly long line',
      '    of words',
    ]);
    expect(wrap(`x ${'/long'.repeat(10)}`, 24, '')).toEqual(['x', '/long'.repeat(10)]);
  });

  it.each([
    [[], { LC_ALL: '', LANG: 'de_DE.UTF-8' }, 'de'],
    [[], { LC_MESSAGES: 'de', LANG: 'en_US' }, 'de'],
    [[], { LANG: 'den' }, 'en'],
    [[], {}, 'en'],
    [['--lang=de'], {}, 'de'],
    [['--lang', 'en'], { LANG: 'de' }, 'en'],
  ] as const)('language of %j and %j is %s', (argv, env, language) => {
    expect(languageOf(argv, env)).toBe(language);
  });
});
