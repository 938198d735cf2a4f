/**
 * Two tenants, their hosts and a few days of history, written straight into the database. Long, because it is data:
 * one list of results, hosts and alerts that the screens are looked at with.
 */
import type { Db } from '../../../server/db/database.ts';
import type { Database } from '../../../server/db/schema.ts';
import type { Outcome, Result, Severity } from '../../../shared/outcome.ts';
import { seedAccess } from './seed-access.ts';
import { seedDrills } from './seed-drills.ts';
import { seedRecords } from './seed-records.ts';
import { seedUpdates } from './seed-updates.ts';

/** The instant at which the seed is meant to be looked at. */
export const NOW = new Date('2026-06-15T12:00:00.000Z');
const HOUR = 3_600_000;
export const ago = (hours: number) => new Date(NOW.getTime() - hours * HOUR).toISOString();

export const ids = {
  ours: 't-mustermann',
  theirs: 't-beispiel',
  web1: 'h-web1aaaaaaaaaaaaaaaaaa',
  web2: 'h-web2aaaaaaaaaaaaaaaaaa',
  db1: 'h-db1aaaaaaaaaaaaaaaaaaa',
  theirHost: 'h-theirs1aaaaaaaaaaaaaaa',
  ourAlert: 'a-ours',
  theirAlert: 'a-theirs',
  ownAlert: 'a-channel',
} as const;

const results: Result[] = [
  {
    check: 'login.empty-password',
    outcome: 'pass',
    severity: 'critical',
    evidence: [
      {
        source: '/etc/shadow',
        found: { de: 'kein leeres Passwortfeld', en: 'no empty password field' },
        wanted: { de: 'keines', en: 'none' },
      },
    ],
  },
  {
    check: 'login.console-autologin',
    outcome: 'pass',
    severity: 'high',
    evidence: [
      {
        source: '/usr/lib/systemd/system/getty@.service',
        line: 41,
        found: 'agetty --noclear',
        wanted: { de: 'kein --autologin', en: 'no --autologin' },
      },
    ],
  },
  {
    check: 'login.sshd-permit-root-login',
    outcome: 'pass',
    severity: 'high',
    params: { allowed: ['no', 'prohibit-password'] },
    evidence: [
      { source: 'sshd -T -C user=root', found: 'prohibit-password', wanted: 'no, prohibit-password' },
    ],
  },
  {
    check: 'login.sshd-permit-empty-passwords',
    outcome: 'pass',
    severity: 'critical',
    evidence: [{ source: 'sshd -T -C user=root', found: 'no', wanted: 'no' }],
  },
  {
    check: 'login.sshd-max-auth-tries',
    outcome: 'pass',
    severity: 'medium',
    params: { max: 4 },
    evidence: [{ source: 'sshd -T -C user=root', found: '4', wanted: '<= 4' }],
  },
  {
    check: 'login.sshd-hostbased-authentication',
    outcome: 'pass',
    severity: 'high',
    evidence: [{ source: 'sshd -T -C user=root', found: 'no', wanted: 'no' }],
  },
  {
    check: 'access.uid-zero',
    outcome: 'pass',
    severity: 'critical',
    evidence: [{ source: '/etc/passwd', line: 1, found: 'root', wanted: 'root' }],
  },
  {
    check: 'access.file-modes',
    outcome: 'pass',
    severity: 'high',
    evidence: [{ source: '/etc/shadow', found: 'root:shadow 0640', wanted: 'root:shadow <= 0640' }],
  },
  {
    check: 'password.hash-algorithm',
    outcome: 'pass',
    severity: 'high',
    evidence: [
      { source: '/etc/pam.d/common-password', line: 25, found: 'yescrypt', wanted: 'yescrypt, sha512' },
    ],
  },
  {
    check: 'password.max-age',
    outcome: 'not-applicable',
    severity: 'medium',
    params: { ageing: 'none', days: 365 },
    reason: {
      de: 'Für dieses System ist kein erzwungener Passwortwechsel vorgesehen.',
      en: 'No forced change of passwords is intended for this host.',
    },
    evidence: [],
  },
  {
    check: 'password.stored-hashes',
    outcome: 'pass',
    severity: 'high',
    evidence: [{ source: '/etc/shadow', found: 'root: yescrypt', wanted: 'yescrypt, sha512' }],
  },
  {
    check: 'patch.security-updates',
    outcome: 'pass',
    severity: 'high',
    evidence: [{ source: 'apt-get -s dist-upgrade', found: '0', wanted: '0' }],
  },
  {
    check: 'patch.index-fresh',
    outcome: 'pass',
    severity: 'medium',
    evidence: [{ source: '/var/lib/apt/lists', found: '2026-06-15T04:12:09Z', wanted: '<= 2 d' }],
  },
  {
    check: 'patch.latency',
    outcome: 'pass',
    severity: 'medium',
    evidence: [
      {
        source: 'patch.latency',
        found: 'updates=31 unexplained=0 median=1.4 worst=9.2 within=29 limit=7 window=90 since=2026-03-17',
        wanted: { de: 'innerhalb von 7 Tagen', en: 'within 7 days' },
      },
    ],
  },
  {
    check: 'patch.reboot-pending',
    outcome: 'pass',
    severity: 'medium',
    evidence: [
      { source: '/run/reboot-required', found: { de: 'nicht vorhanden', en: 'absent' }, wanted: '<= 7 d' },
    ],
  },
  {
    check: 'backup.configured',
    outcome: 'pass',
    severity: 'high',
    evidence: [
      { source: '/etc/systemd/system/restic.service', line: 8, found: 'restic backup', wanted: '1' },
    ],
  },
  {
    check: 'backup.scheduled',
    outcome: 'pass',
    severity: 'high',
    evidence: [
      { source: 'restic.timer', found: 'OnCalendar=*-*-* 02:30:00', wanted: { de: 'aktiv', en: 'active' } },
    ],
  },
  {
    check: 'backup.recent',
    outcome: 'unknown',
    severity: 'high',
    reason: {
      de: 'Die Ergebnisdatei der Repository-Abfrage fehlt: /var/lib/nachweis/probe/restic.json.',
      en: 'The result file of the repository probe is missing: /var/lib/nachweis/probe/restic.json.',
    },
    evidence: [],
  },
];

/** What differs from a host where all is well. */
const rootLogin: Partial<Result> = {
  outcome: 'fail',
  reason: {
    de: 'root kann sich mit Passwort anmelden.',
    en: 'root can log in with a password.',
  },
  evidence: [
    {
      source: '/etc/ssh/sshd_config.d/50-cloud-init.conf',
      line: 3,
      found: 'yes',
      wanted: 'no, prohibit-password',
    },
    {
      source: 'sshd -T -C user=root,host=203.0.113.9,addr=203.0.113.9',
      found: 'yes',
      wanted: 'no, prohibit-password',
    },
  ],
};
const emptyPassword: Partial<Result> = {
  outcome: 'fail',
  reason: {
    de: 'Das Konto backup kann sich ohne Passwort anmelden.',
    en: 'The account backup can log in without a password.',
  },
  evidence: [
    {
      source: '/etc/shadow',
      line: 23,
      found: { de: 'backup: leeres Passwortfeld', en: 'backup: empty password field' },
      wanted: { de: 'ein Passwort oder gesperrt', en: 'a password, or locked' },
    },
    {
      source: '/etc/pam.d/common-auth',
      line: 17,
      found: 'pam_unix nullok',
      wanted: { de: 'ohne nullok', en: 'without nullok' },
    },
  ],
};
const updates: Partial<Result> = {
  outcome: 'fail',
  reason: {
    de: '2 Sicherheitsaktualisierungen stehen länger aus als erlaubt.',
    en: '2 security updates have been pending for longer than allowed.',
  },
  evidence: [
    { source: 'apt-get -s dist-upgrade', found: 'openssl 3.0.15-1~deb12u1', wanted: '3.0.16-1~deb12u1' },
    { source: 'apt-get -s dist-upgrade', found: 'libssl3 3.0.15-1~deb12u1', wanted: '3.0.16-1~deb12u1' },
  ],
};

interface Seeded {
  id: string;
  tenant: string;
  name: string;
  os: string;
  receivedHoursAgo: number | null;
  kind: 'server' | 'vm';
  differs?: Record<string, Partial<Result>>;
}

const hosts: Seeded[] = [
  {
    id: ids.web1,
    tenant: ids.ours,
    name: 'web1.example.org',
    os: 'Debian GNU/Linux 12 (bookworm)',
    receivedHoursAgo: 0.4,
    kind: 'vm',
    differs: {
      'login.empty-password': emptyPassword,
      'login.sshd-permit-root-login': rootLogin,
      'patch.security-updates': updates,
    },
  },
  {
    id: ids.web2,
    tenant: ids.ours,
    name: 'web2.example.org',
    os: 'Debian GNU/Linux 13 (trixie)',
    receivedHoursAgo: 0.6,
    kind: 'vm',
  },
  {
    id: ids.db1,
    tenant: ids.ours,
    name: 'db1.example.org',
    os: 'Ubuntu 24.04.3 LTS',
    receivedHoursAgo: 40,
    kind: 'server',
    differs: {
      'patch.reboot-pending': {
        outcome: 'fail',
        evidence: [{ source: '/run/reboot-required', found: '2026-06-03', wanted: '<= 7 d' }],
      },
    },
  },
  {
    id: ids.theirHost,
    tenant: ids.theirs,
    name: 'shop.example.net',
    os: 'Debian GNU/Linux 12 (bookworm)',
    receivedHoursAgo: 0.2,
    kind: 'vm',
    differs: { 'patch.security-updates': updates },
  },
];

export async function seed(db: Db): Promise<void> {
  await db
    .insertInto('tenants')
    .values([
      { id: ids.ours, name: 'Mustermann GmbH', created_at: ago(2000) },
      { id: ids.theirs, name: 'Beispiel AG', created_at: ago(1800) },
    ])
    .execute();
  for (const [index, host] of hosts.entries()) await seedHost(db, host, index);
  const grant = await seedRecords(db, { ours: ids.ours, theirs: ids.theirs, now: NOW });
  await seedAccess(db, ids, grant);
  await seedUpdates(db, ids, NOW);
  await seedDrills(db, ids, NOW);
  await db
    .insertInto('contract_hosts')
    .values({
      id: 'c-mail',
      tenant_id: ids.ours,
      name: 'mail.example.org',
      host_id: null,
      site: 'provider',
      kind: 'vm',
      backup: 1,
      patch: 1,
      since: ago(200),
      until: null,
    })
    .execute();
  await seedAlerts(db);
}

async function seedHost(db: Db, host: Seeded, index: number): Promise<void> {
  const received = host.receivedHoursAgo === null ? null : ago(host.receivedHoursAgo);
  await db
    .insertInto('hosts')
    .values({
      id: host.id,
      tenant_id: host.tenant,
      name: host.name,
      public_key: Buffer.alloc(32, index + 1).toString('base64'),
      key_id: String(index + 1).repeat(64),
      enrolled_at: ago(400),
      retired_at: null,
      quarantined_at: null,
      interval_seconds: 3600,
      kind_detected: host.kind,
      machine: JSON.stringify({
        hostname: host.name,
        os: { id: 'debian', version: '12', name: host.os, like: [] },
        kernel: '6.1.0-37-amd64',
        arch: 'x64',
        kind: host.kind,
        ...(host.kind === 'vm' ? { virtualization: 'kvm' } : {}),
        disks: [{ name: 'sda', serial: `S${index}`, model: 'QEMU HARDDISK', bytes: 42_949_672_960 }],
      }),
      last_sequence: 1,
      last_envelope_digest: 'e'.repeat(64),
      last_document_digest: 'd'.repeat(64),
      last_received_at: received,
      last_round_at: received,
      agent_version: '0.1.0',
    })
    .execute();
  await db
    .insertInto('contract_hosts')
    .values({
      id: `c-${host.id}`,
      tenant_id: host.tenant,
      name: host.name,
      host_id: host.id,
      site: index === 2 ? 'customer' : 'provider',
      kind: null,
      backup: index === 1 ? 0 : 1,
      patch: 1,
      since: ago(500),
      until: null,
    })
    .execute();
  if (received === null) return;
  await db
    .insertInto('log_leaves')
    .values({
      log_index: index,
      epoch: 0,
      type: 'envelope',
      leaf: String(index).repeat(64).slice(0, 64),
      random: null,
      content_ref: `report:${host.id}:1`,
      created_at: received,
    })
    .execute();
  await db
    .insertInto('reports')
    .values({
      host_id: host.id,
      sequence: 1,
      envelope_digest: 'e'.repeat(64),
      envelope: '{}',
      document_digest: 'd'.repeat(64),
      round_at: received,
      received_at: received,
      log_index: index,
    })
    .execute();
  for (const plain of results) {
    const result: Result = { ...plain, ...host.differs?.[plain.check] };
    const differs = result.outcome !== plain.outcome;
    const since = differs ? ago((host.receivedHoursAgo ?? 0) + 3) : ago(300);
    await db
      .insertInto('results')
      .values({
        host_id: host.id,
        check_id: result.check,
        outcome: result.outcome,
        severity: result.severity,
        result: JSON.stringify(result),
        since,
        sequence: 1,
      })
      .execute();
    await transition(db, host.id, result.check, null, plain.outcome, result.severity, ago(300));
    if (differs)
      await transition(db, host.id, result.check, plain.outcome, result.outcome, result.severity, since);
  }
}

async function transition(
  db: Db,
  host: string,
  check: string,
  from: Outcome | null,
  to: Outcome,
  severity: Severity,
  at: string,
): Promise<void> {
  await db
    .insertInto('transitions')
    .values({
      host_id: host,
      check_id: check,
      from_outcome: from,
      to_outcome: to,
      severity,
      round_at: at,
      received_at: at,
      sequence: 1,
    })
    .execute();
}

async function seedAlerts(db: Db): Promise<void> {
  const alert = (values: Partial<Database['alerts']> & { id: string; kind: string }) => ({
    dedupe_key: values.id,
    tenant_id: null,
    host_id: null,
    check_id: null,
    severity: 'high' as const,
    opened_at: ago(3),
    resolved_at: null,
    detail: '{}',
    ...values,
  });
  await db
    .insertInto('alerts')
    .values([
      alert({
        id: ids.ourAlert,
        kind: 'check-failing',
        tenant_id: ids.ours,
        host_id: ids.web1,
        check_id: 'login.empty-password',
        severity: 'critical',
        detail: JSON.stringify({ reason: emptyPassword.reason }),
      }),
      alert({
        id: 'a-silent',
        kind: 'host-silent',
        tenant_id: ids.ours,
        host_id: ids.db1,
        opened_at: ago(38),
      }),
      alert({
        id: 'a-summary',
        kind: 'host-failing',
        tenant_id: ids.ours,
        host_id: ids.web1,
        opened_at: ago(400),
        resolved_at: ago(300),
        detail: JSON.stringify({
          reason: { de: '2 Prüfungen nicht bestanden.', en: '2 checks failed.' },
          resolution: { de: 'Alle sind wieder bestanden.', en: 'All pass again.' },
          checks: [
            { check: 'login.empty-password', severity: 'critical', clearedAt: ago(300) },
            { check: 'patch.security-updates', severity: 'high', clearedAt: ago(310) },
          ],
        }),
      }),
      alert({
        id: ids.theirAlert,
        kind: 'check-failing',
        tenant_id: ids.theirs,
        host_id: ids.theirHost,
        check_id: 'patch.security-updates',
      }),
      alert({
        id: ids.ownAlert,
        kind: 'channel-failing',
        detail: JSON.stringify({
          reason: { de: 'Der Kanal mail stellt nicht zu.', en: 'The channel mail does not deliver.' },
        }),
      }),
    ])
    .execute();
  await db
    .insertInto('channels')
    .values([
      {
        name: 'mail',
        failing_since: ago(2),
        last_ok_at: ago(30),
        last_error: 'connect ECONNREFUSED 192.0.2.25:587',
      },
      { name: 'webhook', failing_since: null, last_ok_at: ago(3), last_error: null },
    ])
    .execute();
  await db
    .insertInto('outbox')
    .values({
      alert_id: ids.ourAlert,
      change: 'opened',
      channel: 'webhook',
      payload: '{}',
      created_at: ago(3),
      next_try_at: ago(3),
      tries: 1,
      sent_at: ago(3),
      given_up_at: null,
      last_error: null,
    })
    .execute();
}
