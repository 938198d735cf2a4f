/** Hosts for backup.tamper-resistant and backup.verified; judged at 2026-06-15T12:00:00Z. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';
import { placeBase, placeTree } from './place-examples.ts';

type Files = Tree['files'];

const cron = (...lines: string[]): Files => ({
  '/etc/cron.d/backup': lines.map((line) => `30 2 * * * root ${line}\n`).join(''),
});
const RESTIC = 'restic -r rest:https://vault.example.org/web backup /etc';
const BORG = 'borg create ssh://anna@vault.example.org/./web::x /etc';
const declared = (to: string, more: string, tool = 'restic'): Files => ({
  '/etc/nachweis/backup.d/web.yaml': `name: web\ntool: ${tool}\nwhat: [/etc]\nto: ${to}\nwhen: { outside: pulled }\nlastSuccess: { file: /x }\n${more}\n`,
});
const AT = 'rest:https://vault.example.org/web';

export const tamperExamples: readonly Example[] = [
  {
    name: 'declared: the storage only appends',
    outcome: 'pass',
    tree: placeTree(cron(RESTIC), declared(AT, 'protection: append-only')),
    says: ['append-only'],
  },
  {
    name: 'declared: another system pulls',
    outcome: 'pass',
    tree: placeTree(declared('vault.example.org', 'protection: pull', 'rsync')),
  },
  {
    name: 'a repository on the system itself, whatever is declared',
    outcome: 'fail',
    tree: placeTree(
      cron('restic -r /srv/vault backup /etc'),
      declared('/srv/vault', 'protection: append-only'),
    ),
    says: ['/srv/vault is on this system'],
  },
  {
    name: 'restic removes old ones from here',
    outcome: 'fail',
    tree: placeTree(
      cron(RESTIC, `restic -r ${AT} forget --prune --keep-daily 14`),
      declared(AT, 'protection: append-only'),
    ),
    says: ['removes backups'],
  },
  { name: 'another disk', outcome: 'fail', tree: placeTree(cron('borg create /mnt/usb/vault::x /etc')) },
  { name: 'no job', outcome: 'not-applicable', tree: placeTree() },
  { name: 'nothing is declared', outcome: 'unknown', tree: placeTree(cron(RESTIC)), says: ['protection'] },
  {
    name: 'borg prunes, which may be on a repository that only appends',
    outcome: 'unknown',
    tree: placeTree(cron(BORG, 'borg prune --keep-daily 14 ssh://anna@vault.example.org/./web')),
  },
  {
    name: 'another repository is declared',
    outcome: 'unknown',
    tree: placeTree(cron(RESTIC), declared('rest:https://two.example.org/', 'protection: append-only')),
  },
];

const stamp = (modified: string, more: Record<string, unknown> = {}): Files => ({
  '/var/lib/vault/checked': { text: '', modified, ...more },
});
const LAST = 'lastCheck: /var/lib/vault/checked';
const ID = 'ab'.repeat(32);
const borgmatic = (...parts: Files[]): Tree =>
  placeTree(
    cron('borgmatic'),
    {
      '/usr/bin/borgmatic': '',
      '/etc/borgmatic/config.yaml':
        'source_directories: [/etc]\nrepositories: ["ssh://anna@vault.example.org/./web"]\n',
    },
    ...parts,
  );
const checked = (modified: string, id = ID, check = 'repository'): Files => ({
  [`/root/.borgmatic/checks/${id}/${check}`]: { text: '', modified },
});

export const verifiedExamples: readonly Example[] = [
  {
    name: 'a declared record of last week',
    outcome: 'pass',
    tree: placeTree(cron(RESTIC), declared(AT, LAST), stamp('2026-06-08T03:00:00.000Z')),
    says: ['2026-06-08'],
  },
  {
    name: "borgmatic's own record",
    outcome: 'pass',
    tree: borgmatic(checked('2026-06-01T03:00:00.000Z')),
    says: ['/root/.borgmatic/checks'],
  },
  {
    name: 'the declared record is of March',
    outcome: 'fail',
    tree: placeTree(cron(RESTIC), declared(AT, LAST), stamp('2026-03-08T03:00:00.000Z')),
    says: ['2026-03-08'],
  },
  {
    name: 'no check yet',
    outcome: 'fail',
    tree: placeTree(cron(RESTIC), declared(AT, LAST)),
    says: ['no check yet'],
  },
  {
    name: "borgmatic's own record is old",
    outcome: 'fail',
    tree: borgmatic(checked('2026-04-01T03:00:00.000Z')),
  },
  {
    name: 'last week is too long ago',
    outcome: 'fail',
    params: { days: 3 },
    tree: placeTree(cron(RESTIC), declared(AT, LAST), stamp('2026-06-08T03:00:00.000Z')),
  },
  { name: 'no job', outcome: 'not-applicable', tree: { files: placeBase } },
  {
    name: 'restic check is started, and leaves no record',
    outcome: 'unknown',
    tree: placeTree(cron(RESTIC, `restic -r ${AT} check`)),
    says: ['no record'],
  },
  {
    name: 'borgmatic checks the archives only',
    outcome: 'unknown',
    tree: borgmatic(checked('2026-06-01T03:00:00.000Z', ID, 'archives')),
  },
  {
    name: 'two repositories, and it is not known which is which',
    outcome: 'unknown',
    tree: borgmatic(
      checked('2026-06-01T03:00:00.000Z'),
      checked('2026-06-01T03:00:00.000Z', 'cd'.repeat(32)),
    ),
  },
  {
    name: 'a user can set the record',
    outcome: 'unknown',
    tree: placeTree(cron(RESTIC), declared(AT, LAST), stamp('2026-06-08T03:00:00.000Z', { uid: 1000 })),
  },
  {
    name: 'a record from the future',
    outcome: 'unknown',
    tree: placeTree(cron(RESTIC), declared(AT, LAST), stamp('2026-07-08T03:00:00.000Z')),
    says: ['future'],
  },
];
