/** No secret from any file that the patch and backup facts read may reach a result. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backupChecks } from '../../../checks/backup/index.ts';
import { aptConfig, aptSimulate } from '../../../checks/commands.ts';
import { evaluateRound } from '../../../checks/evaluate.ts';
import { parseDeclaration } from '../../../checks/facts/backup-declared.ts';
import { parseProbeResult } from '../../../checks/facts/backup-result.ts';
import { memoryHost, type Tree } from '../../../checks/host-memory.ts';
import { asked } from '../../../checks/patch/apt-examples.ts';
import { patchChecks } from '../../../checks/patch/index.ts';

const SECRET = 'c4n4ry';

async function results(tree: Tree) {
  const round = await evaluateRound({
    host: memoryHost(tree),
    system: { id: 'debian', version: '12', like: [], kind: 'vm' },
    checks: [...backupChecks, ...patchChecks],
    params: {},
    now: new Date('2026-06-15T12:00:00.000Z'),
    monotonic: () => 0,
  });
  return round.results;
}

describe('secrets', () => {
  it('stay where they are', async () => {
    const found = await results({
      files: {
        '/etc/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n',
        '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
        '/usr/bin/restic': '',
        '/usr/sbin/cron': '',
        '/etc/crontab': `MAILTO=${SECRET}@example.org\n1 3 * * * root RESTIC_PASSWORD=${SECRET} restic -r rest:https://${SECRET}:${SECRET}@v.example.org/ backup /etc\n`,
        '/etc/cron.d/more': `2 3 * * * root restic -r sftp:${SECRET}@v.example.org:/x --password-command 'echo ${SECRET}' backup /etc\n`,
        '/var/spool/cron/crontabs/root': `3 3 * * * /usr/local/bin/nightly ${SECRET}\n`,
        '/usr/local/bin/nightly': {
          text: `#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY=${SECRET}\n. /etc/nightly.env\nrestic backup /etc\n`,
          mode: 0o755,
        },
        '/etc/nightly.env': `RESTIC_PASSWORD='${SECRET}'\nRESTIC_REPOSITORY="s3:https://${SECRET}:${SECRET}@s3.example.org/b?sig=${SECRET}"\n`,
        '/etc/systemd/system/b.service': `[Service]\nEnvironment=RESTIC_PASSWORD=${SECRET} RESTIC_REPOSITORY=rest:http://u:${SECRET}@h.example.org/\nExecStart=/usr/bin/restic backup /etc\n`,
        '/etc/systemd/system/b.timer': '[Timer]\nOnCalendar=daily\n',
        '/etc/nachweis/backup.d/a.yaml': `name: a\ntool: rsync\nwhat: [/etc]\nto: ${SECRET}@v.example.org:/x\nwhen: { timer: b.timer }\nlastSuccess: { file: /x }\n`,
        '/etc/cron.d/many': `4 3 * * * root borg create --exclude-from /etc/excludes ssh://${SECRET}@b.example.org/./x::y /etc\n5 3 * * * root borgmatic\n6 3 * * * root restic -r rclone:cloud:x --password-file /etc/restic.pass --files-from /etc/paths --exclude-file /etc/excludes backup\n7 3 * * * root restic -r /mnt/share/x backup /etc\n`,
        '/etc/borgmatic/config.yaml': `source_directories: [/etc]\nrepositories: ["ssh://${SECRET}:${SECRET}@m.example.org/./x"]\nencryption_passphrase: ${SECRET}\nencryption_passcommand: echo ${SECRET}\nhooks:\n  before_backup: [echo ${SECRET}]\n`,
        '/etc/excludes': `/srv/${SECRET}\n`,
        '/etc/paths': `/etc\n/home/${SECRET}\n`,
        '/etc/restic.pass': { text: `${SECRET}\n`, mode: 0o644 },
        '/root/.config/rclone/rclone.conf': `[cloud]\ntype = swift\nkey = ${SECRET}\n`,
        '/proc/self/mountinfo': `21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 0:9 / /mnt/share rw - cifs //${SECRET}@n.example.org/x rw,password=${SECRET}\n`,
        '/etc/fstab': `//n.example.org/x /mnt/share cifs username=${SECRET},password=${SECRET} 0 0\n`,
        '/mnt/share/x': { directory: true },
        '/usr/bin/borg': '',
        '/usr/bin/borgmatic': '',
        '/usr/bin/duplicity': '',
        '/usr/bin/rsnapshot': '',
        '/usr/bin/rsync': { text: '', mode: 0o755 },
        '/usr/bin/dsmc': '',
        '/usr/bin/proxmox-backup-client': '',
        '/etc/cron.d/tools': `1 4 * * * root PASSPHRASE=${SECRET} duplicity --name tools / ftp://anna:${SECRET}@d.example.org/x\n2 4 * * * root rsnapshot alpha\n3 4 * * * root dsmc incr\n4 4 * * * root PBS_PASSWORD=${SECRET} proxmox-backup-client backup etc.pxar:/etc --repository anna@pbs!${SECRET}@p.example.org:store\n`,
        '/etc/rsnapshot.conf': `config_version\t1.2\nsnapshot_root\t/mnt/share/snap\ncmd_rsync\t/usr/bin/rsync\nretain\talpha\t2\nlogfile\t/var/log/rsnapshot.log\nbackup_exec\t/bin/echo ${SECRET}\nbackup\t/etc/\tlocalhost/\trsync_long_args=--password-file=/x --exclude=${SECRET}\n`,
        '/mnt/share/snap/alpha.0': { directory: true },
        '/var/log/rsnapshot.log': `[2026-06-15T03:00:00] /usr/bin/rsnapshot alpha: ERROR: ${SECRET}\n`,
        '/root/.cache/duplicity/tools/duplicity-full.20260615T020000Z.manifest': `Hostname w\nLocaldir /\nFilelist 1\n    new  ${SECRET}\n`,
        '/root/.ssh/config': `Host d.example.org\n  HostName e.example.org\n  User ${SECRET}\n`,
        '/opt/tivoli/tsm/client/ba/bin/dsm.sys': `SErvername MAIN\n  TCPServeraddress t.example.org\n  PASSWORD ${SECRET}\n`,
        '/etc/nachweis/backup.d/b.yaml': `name: b\npassword: ${SECRET}\n`,
        '/etc/nachweis/backup.d/c.yaml': `name: [${SECRET}\n`,
        '/etc/apt/sources.list': `deb http://user:${SECRET}@deb.example.org/debian bookworm main\n`,
        '/var/lib/dpkg/status': '',
      },
      commands: {
        [asked(aptConfig)]: 'Dir "/";\nAcquire::http::Proxy "http://u:c4n4ry@proxy.example.org";\n',
        [asked(aptSimulate)]: { status: 100, stderr: `E: Failed http://user:${SECRET}@deb.example.org/\n` },
      },
    });
    expect(found).toHaveLength(backupChecks.length + patchChecks.length);
    const text = JSON.stringify(found);
    expect(text).not.toContain(SECRET);
    // They were read, or there would be nothing to keep back.
    for (const place of [
      'rest:https://v.example.org/',
      'sftp:v.example.org:/x',
      's3.example.org',
      'h.example.org',
      'b.example.org',
      'm.example.org',
      'n.example.org',
      'ftp://d.example.org/x',
      'pbs://p.example.org/store',
      't.example.org',
      '/mnt/share/snap',
      '/etc/restic.pass',
      '/etc/borgmatic/config.yaml',
    ]) {
      expect(text).toContain(place);
    }
  });
});

describe('what people and probes write', () => {
  it('is refused with the place that is wrong', async () => {
    const problem = async (text: string): Promise<string> => {
      const parsed = await parseDeclaration(text);
      return 'problem' in parsed ? parsed.problem : 'accepted';
    };
    const good =
      'name: a\ntool: rsync\nwhat: [/etc]\nto: v\nwhen: { outside: x }\nlastSuccess: { file: /x }\n';
    expect(await problem(good)).toBe('accepted');
    expect(await problem(good.replace('name: a', 'name: ../a'))).toContain('name');
    expect(await problem(good.replace('/etc', 'etc'))).toContain('what');
    expect(await problem(`${good}extra: 1\n`)).toContain('extra');
    expect(await problem('a: &x [1]\nb: [*x, *x]\n')).not.toBe('accepted');
    expect(await problem('')).not.toBe('accepted');
  });

  it('never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.json(), async (text, json) => {
        await parseDeclaration(text);
        await parseDeclaration(json);
        expect(parseProbeResult(text)).toBeUndefined();
        expect(parseProbeResult(json)).toBeUndefined();
      }),
      { seed: 20261123, numRuns: 500 },
    );
  });
});
