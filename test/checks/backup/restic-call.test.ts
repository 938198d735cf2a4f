/** What a script is read to do against what the real shell does with it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryName } from '../../../checks/facts/backup-call.ts';
import { readScript } from '../../../checks/facts/backup-script.ts';
import { environmentLines, shellCommands } from '../../../checks/facts/backup-shell.ts';

/** Script -> the repositories that it backs up to, in order. */
const scripts: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'restic -r /srv/a backup /etc': ['/srv/a'],
  'restic backup --repo=/srv/a /etc': ['/srv/a'],
  'RESTIC_REPOSITORY=/srv/b restic backup /etc': ['/srv/b'],
  'export RESTIC_REPOSITORY="/srv/c"\nrestic --verbose --password-file /p backup --exclude /tmp /etc': [
    '/srv/c',
  ],
  'RESTIC_REPOSITORY=/srv/d\nexport RESTIC_REPOSITORY\nrestic backup /etc': ['/srv/d'],
  'restic \\\n  -r /srv/e \\\n  backup /etc # nightly': ['/srv/e'],
  'if ! restic -r /srv/f backup /etc; then echo failed; fi': ['/srv/f'],
  'env RESTIC_REPOSITORY=/srv/g nice -n 19 restic backup /etc': ['/srv/g'],
  "sh -c 'restic -r /srv/h backup /etc'": ['/srv/h'],
  'out=$(restic -r /srv/i backup /etc 2>&1)': ['/srv/i'],
  'echo "$(restic -r /srv/j backup /etc)"': ['/srv/j'],
  'run() {\n restic -r "$1" backup /etc\n}\nR=/srv/k\nrestic -r $R backup /etc': [undefined, '/srv/k'],
  'RESTIC="restic -r /srv/l"\n$RESTIC backup /etc': ['/srv/l'],
  'true && restic -r /srv/m backup /etc || exit 1': ['/srv/m'],
  'restic -r /srv/n forget --prune; restic -r /srv/n backup /etc >/dev/null 2>&1': ['/srv/n'],
  'for d in /etc /var; do restic -r /srv/o backup "$d"; done': ['/srv/o'],
  'timeout 60 restic -r /srv/p backup /etc': ['/srv/p'],
  'restic -r /srv/q snapshots': [],
  'restic -r /srv/r backup --dry-run /etc': [],
  'restic -r /srv/s check # then restic backup /etc': [],
  'echo restic -r /srv/t backup /etc': [],
  "echo 'restic -r /srv/u backup /etc; restic backup'": [],
  'cat <<EOF\nrestic -r /srv/v backup /etc\nEOF': [],
  "cat <<-'END'\n\trestic -r /srv/w backup /etc\n\tEND\nrestic -r /srv/x backup /etc": ['/srv/x'],
  '# restic -r /srv/y backup /etc\n  #restic backup': [],
  'restic-backup /etc\nmyrestic backup': [],
  'restic restore latest --target backup': [],
  'VAR="a # b"; restic -r /srv/z backup /etc': ['/srv/z'],
};

describe('readScript', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'nachweis-shell-'));
    writeFileSync(
      join(directory, 'restic'),
      '#!/bin/sh\ncase " $* " in *" --dry-run "*) exit 0;; *" restore "*|*" forget "*|*" check "*|*" snapshots "*) exit 0;; *" backup "*) echo x >> "$LOG";; esac\n',
    );
    chmodSync(join(directory, 'restic'), 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(Object.entries(scripts))('%j', (text, repositories) => {
    const copies = readScript(text).calls.filter(({ actions }) => actions.includes('copy'));
    expect(copies.map(({ repository }) => repositoryName(repository))).toEqual(repositories);
    const log = join(directory, 'log');
    rmSync(log, { force: true });
    spawnSync('sh', ['-c', text], { env: { PATH: `${directory}:/usr/bin:/bin`, LOG: log }, stdio: 'ignore' });
    const ran = existsSync(log) ? readFileSync(log, 'utf8').length : 0;
    expect(ran > 0, 'what the real shell did').toBe(repositories.length > 0);
  });

  it('knows on which line a call begins', () => {
    const text =
      '#!/bin/sh\n# comment\nset -e\n\ncat <<EOF\none\ntwo\nEOF\nX="\n"\nrestic -r /srv/a \\\n backup /etc\n';
    expect(readScript(text).calls.map(({ line }) => line)).toEqual([11]);
  });

  it('survives any text', () => {
    const pieces = fc.constantFrom(
      'restic',
      ' ',
      'backup',
      '$(',
      ')',
      '"',
      "'",
      '\\',
      '\n',
      '<<',
      'EOF',
      '`',
      '${',
      '}',
      '#',
      ';',
      '|',
      '&',
      '>',
      'A=',
      '-r',
      '-c',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }), (parts) => {
        shellCommands(parts.join(''));
        readScript(parts.join(''));
        environmentLines(parts.join(''));
      }),
      { seed: 20261123, numRuns: 2000 },
    );
  });

  it('reads a large hostile script in one go', () => {
    expect(readScript(`${'$('.repeat(20_000)}restic backup`).calls.length).toBeLessThan(2);
    expect(readScript('<<A\n'.repeat(5_000)).calls).toEqual([]);
  });
});

describe('repositoryName', () => {
  it.each([
    ['rest:https://user:secret@vault.example.org/web', 'rest:https://vault.example.org/web'],
    ['rest:https://token@vault.example.org:8000/', 'rest:https://vault.example.org:8000/'],
    ['sftp:user@vault.example.org:/srv/web', 'sftp:vault.example.org:/srv/web'],
    ['sftp://user@vault.example.org:2222//srv', 'sftp://vault.example.org:2222//srv'],
    ['s3:https://key:secret@s3.example.org/bucket?X-Token=secret', 's3:https://s3.example.org/bucket'],
    ['user@vault.example.org:/srv', 'vault.example.org:/srv'],
    ['rest:https://us%40er:se/cret@vault.example.org/x', undefined],
    ['/srv/vault\nsecond line', '/srv/vault'],
    ['/srv/$HOST', undefined],
    ['', undefined],
  ])('%s', (value, name) => {
    const shown = repositoryName(value);
    if (name !== undefined || value === '' || value.includes('$')) expect(shown).toBe(name);
    expect(shown ?? '').not.toContain('cret');
  });
});
