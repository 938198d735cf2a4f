/** Secrets planted in every file that these checks read appear in no result. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { DSA } from '../../../checks/access/example-keys.ts';
import { grant } from '../../../checks/access/grants.examples.ts';
import { accessChecks } from '../../../checks/access/index.ts';
import type { Node, Tree } from '../../../checks/host-memory.ts';
import { consoleAutologin } from '../../../checks/login/console-autologin.ts';
import { emptyPassword } from '../../../checks/login/empty-password.ts';
import { passwordChecks } from '../../../checks/password/index.ts';
import { judge } from '../../support/judge.ts';

const SECRET = 'cAnArYcAnArYcAnArYcAnA';
const HASHES = [
  `$6$saltsalt$${SECRET}${SECRET}`,
  `$1$saltsalt$${SECRET}`,
  `$2b$05$${SECRET}${SECRET}`,
  `$y$j9T$${SECRET}$${SECRET}`,
  `$zz$${SECRET}`,
  `!$5$rounds=1000$s$${SECRET}`,
];
const names = HASHES.map((_, index) => `user${index}`);

/** Of an account that is not there, in 2021 and this month. */
const wtmpRecord = (time: string) =>
  `\x07\0\0\0${'\0'.repeat(40)}${SECRET.padEnd(296, '\0')}${time}${SECRET.padEnd(40, '\0')}`;

/** A database file with one row, as latin1 text. */
function sqlite(table: string, values: readonly (string | number)[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-canary-'));
  try {
    const path = join(directory, 'x.db');
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE ${table}`);
    const places = values.map(() => '?').join(', ');
    database.prepare(`INSERT INTO ${table.split('(')[0]} VALUES (${places})`).run(...values);
    database.close();
    return readFileSync(path, 'latin1');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const files: Readonly<Record<string, Node>> = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/etc/nsswitch.conf': 'passwd: compat\n',
  '/etc/passwd': `root:x:0:0:${SECRET}:/root:/bin/sh\n${names.map((name, index) => `${name}:x:${index}:0:${SECRET}:/:/bin/sh\n`).join('')}inp:${HASHES[0]}:1:1::/:/bin/sh\nempty::2:2:${SECRET}:/:/bin/sh\n${HASHES[1]}\n${SECRET}\n+:${HASHES[0]}:::::\n`,
  '/etc/shadow': {
    text: `${names.map((name, index) => `${name}:${HASHES[index]}:20000:0:99999:7:::\n`).join('')}${HASHES[2]}:x\nbroken:${HASHES[0]}:1\n${SECRET}\n`,
    mode: 0o644,
  },
  '/etc/gshadow': { text: `sudo:${HASHES[0]}::\n`, mode: 0o644 },
  '/etc/group': `sudo:${HASHES[0]}:0:\nsudo:${HASHES[1]}:4:${SECRET}\n`,
  '/etc/shells': `/usr/sbin/nologin ${SECRET}\n/bin/x # ${SECRET}\n`,
  '/etc/security/opasswd': { text: `${names[0]}:1:1:${HASHES[0]}\n`, mode: 0o644 },
  '/etc/login.defs': `PASS_MAX_DAYS ${SECRET}\nENCRYPT_METHOD ${SECRET}\n`,
  '/etc/pam.d/x': `auth required pam_unix.so nullok bindpw=${SECRET}\npassword required pam_unix.so secret=${SECRET} md5\nauth required pam_tcb.so ${SECRET}\n`,
  '/etc/pam.d/y': `password requisite pam_pwquality.so retry=9 authtok_type=${SECRET}\npassword requisite pam_pwhistory.so use_authtok remember=2 file=/${SECRET}\npassword required pam_unix.so use_authtok token=${SECRET}\n`,
  '/etc/pam.d/z': `password requisite pam_pwquality.so dictpath=/${SECRET}\n`,
  '/etc/security/pwquality.conf': `badwords = ${SECRET}\ndictpath=/${SECRET}\n`,
  '/etc/security/pwhistory.conf': `file = /${SECRET}\n${SECRET}\n`,
  '/etc/default/useradd': `INACTIVE=${SECRET}\n`,
  '/etc/cloud/cloud.cfg.d/x.cfg': `password: [${SECRET}\n`,
  '/var/lib/cloud/instances/i/user-data.txt': `#cloud-config\npassword: ${SECRET}\nusers:\n - name: ${SECRET}\n   plain_text_passwd: ${SECRET}\nchpasswd: {list: "${SECRET}:${SECRET}"}\nssh_pwauth: true\nruncmd:\n - echo root:${SECRET} | chpasswd\n`,
  '/var/lib/cloud/seed/nocloud/user-data': `#!/bin/sh\necho root:${SECRET} | chpasswd\n`,
  '/etc/ssh/sshd_config': { text: `PermitEmptyPasswords yes # ${SECRET}\n`, mode: 0o644 },
  '/usr/sbin/sshd': { text: '\0OpenSSH_9.2p1 Debian\0', mode: 0o755 },
  '/root/.profile': `export TOKEN=${SECRET}\nPATH=.:/usr/bin # ${SECRET}\nexport PATH\n`,
  '/root/.netrc': `machine ${SECRET} login ${SECRET} password ${SECRET}\n`,
  '/root/.ssh/authorized_keys': `command="x --password ${SECRET}",environment="TOKEN=${SECRET}" ${DSA} ${SECRET}\n${SECRET}\n`,
  '/var/log/wtmp': wtmpRecord('\0\0\x2d\x60') + wtmpRecord('\0\0\x2d\x6a'),
  '/var/log/auth.log': `Jun 15 12:00:00 h sshd[1]: Accepted password for user5 from ${SECRET}\n${SECRET}\n`,
  '/etc/ssh/ssh_host_rsa_key': { text: SECRET, mode: 0o644 },
  '/etc/sudoers.d/x': { text: SECRET, mode: 0o666 },
  '/etc/systemd/system/getty@.service': `[Service]\nEnvironment=PASSWORD=${SECRET} TOKEN=${SECRET}\nExecStart=/sbin/agetty -a root -H ${SECRET} %I\nExecStart=/sbin/agetty $OTHER\nSetCredential=login.noauth:${SECRET}\n`,
  '/etc/systemd/system/app.service': `[Service]\nExecStart=/opt/run --token ${SECRET}\nExecStop=/bin/sh -c 'TOKEN=${SECRET} /opt/run ${SECRET}'\n`,
  '/opt/run': { text: SECRET, mode: 0o777 },
  '/usr/bin/bash': { text: SECRET, mode: 0o4755 },
  '/etc/polkit-1/rules.d/1.rules': `// ${SECRET}\npolkit.addRule(function(a, s) {\n if (a.lookup("${SECRET}") == "${SECRET}" && s.user == "user1") return polkit.Result.YES;\n for (;;) return "yes" + "${SECRET}";\n});\n`,
  '/etc/polkit-1/rules.d/2.rules': `polkit.addAdminRule(function(a, s) { return ["unix-user:${SECRET}", "unix-user:user1"]; });\n`,
  '/etc/polkit-1/localauthority/50-local.d/x.pkla': `[${SECRET}]\nIdentity=unix-user:${SECRET};unix-user:user2\nAction=*\nResultAny=yes\n`,
  '/etc/cron.d/x': `PASSWORD=${SECRET}\n* * * * * root /opt/run --password ${SECRET}\n`,
  '/var/lib/lastlog/lastlog2.db': sqlite(
    'Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT)',
    [SECRET, 1_781_000_000, SECRET, SECRET, SECRET],
  ),
  '/var/lib/wtmpdb/wtmp.db': sqlite(
    'wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, RemoteHost TEXT)',
    [1, 3, SECRET, 1_781_000_000_000_000, SECRET],
  ),
  '/etc/gdm3/custom.conf': `[daemon]\nAutomaticLoginEnable=true\nAutomaticLogin=anna\nPassword=${SECRET}\n`,
  '/etc/lightdm/lightdm.conf': `[Seat:*]\nautologin-user=anna\n[VNCServer]\nkey=${SECRET}\n`,
  '/etc/greetd/config.toml': `[initial_session]\ncommand = "start --token ${SECRET}"\n`,
  '/etc/inittab': `1:2:respawn:/bin/login -f root ${SECRET}\n`,
  '/proc/cmdline': `token=${SECRET} systemd.set_credential=login.noauth:${SECRET}\n`,
};

/** One grant, which has ended: everything else is ungranted. */
const policy: Tree['policy'] = {
  number: 1,
  issuedAt: '2026-06-15T00:00:00.000Z',
  validUntil: '2026-06-22T00:00:00.000Z',
  grants: [grant(['user0'], { until: '2026-06-01T00:00:00.000Z' })],
};

it.each(
  [...accessChecks, ...passwordChecks, emptyPassword, consoleAutologin].map(
    (check) => [check.id, check] as const,
  ),
)('%s', async (_id, check) => {
  const result = await judge(check, { files, policy });
  expect(result.outcome).toBe('fail');
  expect(JSON.stringify(result)).not.toContain(SECRET);
  // The same host where nothing fails outright: reasons of unknown must be clean too.
  const unreadable = Object.fromEntries(
    Object.keys(files).map((path) => [path, { unreadable: `password=${SECRET}` }]),
  );
  expect(JSON.stringify(await judge(check, { files: unreadable, policy }))).not.toContain(SECRET);
});
