/** Hosts on which duplicity runs. */
import type { Example } from '../check.ts';
import { cronLines, type Files, toolTree } from './tool-host.ts';

const TARGET = 'sftp://backup@vault.example.org/web1';
/** MD5 of the address, where no --name is given. */
const ARCHIVE = '/root/.cache/duplicity/web';
const job = (more = '', source = '/'): Files =>
  cronLines(`duplicity incr --name web ${more} ${source} ${TARGET}`);
const SCOPE = "--include /etc --include /var/spool/cron --include /var/lib/dpkg/status --exclude '**'";
const manifest = (
  time: string,
  { host = 'web1', directory = '/', ...node }: Record<string, unknown> = {},
): Files => ({
  [`${ARCHIVE}/duplicity-full.20260601T023000Z.manifest`]: {
    text: `Hostname ${host}\nLocaldir ${directory}\n`,
    modified: '2026-06-01T02:40:00.000Z',
  },
  [`${ARCHIVE}/duplicity-inc.20260601T023000Z.to.${time}.manifest`]: {
    text: `Hostname ${host}\nLocaldir ${directory}\nVolume 1:\n`,
    ...node,
  },
});

export const duplicityExamples: Readonly<Record<string, readonly Example[]>> = {
  'backup.configured': [
    {
      name: 'duplicity, without a user in its address',
      outcome: 'pass',
      tree: toolTree(job()),
      says: ['duplicity', 'sftp://vault.example.org/web1'],
    },
    {
      name: 'duplicity makes only a dry run',
      outcome: 'fail',
      tree: toolTree(job('--dry-run')),
    },
    {
      name: 'duplicity restores and lists',
      outcome: 'fail',
      tree: toolTree(cronLines(`duplicity ${TARGET} /srv/x`, `duplicity collection-status ${TARGET}`)),
    },
  ],
  'backup.scope': [
    { name: 'duplicity takes what it is told to include', outcome: 'pass', tree: toolTree(job(SCOPE)) },
    {
      name: 'duplicity leaves out the first that matches',
      outcome: 'fail',
      tree: toolTree(job(`--exclude /etc/shadow ${SCOPE}`)),
      says: ['/etc/shadow'],
    },
    {
      name: 'duplicity searches /etc and takes next to nothing of it',
      outcome: 'fail',
      tree: toolTree(
        job(
          "--include '/etc/**/private' --include /var/spool/cron --include /var/lib/dpkg/status --exclude '**'",
        ),
      ),
      says: ['/etc/shadow'],
    },
    {
      name: 'a regular expression that is not read',
      outcome: 'unknown',
      tree: toolTree(job("--exclude-regexp '(a+)+$'")),
      says: ['pattern'],
    },
  ],
  'backup.recent': [
    {
      name: 'duplicity ended well this morning, by its manifest',
      outcome: 'pass',
      tree: toolTree(job(), manifest('20260615T023000Z')),
      says: ['2026-06-15T02:30:00.000Z', 'record of duplicity'],
    },
    {
      name: 'duplicity ended well three days ago',
      outcome: 'fail',
      tree: toolTree(job(), manifest('20260612T023000Z')),
    },
    {
      name: 'duplicity began this morning and has not ended',
      outcome: 'fail',
      tree: toolTree(job(), {
        [`${ARCHIVE}/duplicity-full.20260615T023000Z.manifest.part`]: 'Hostname web1\nLocaldir /\n',
      }),
      says: ['none has ended'],
    },
    { name: 'duplicity never ran', outcome: 'fail', tree: toolTree(job()) },
    {
      name: 'duplicity has the record of another system',
      outcome: 'unknown',
      tree: toolTree(job(), manifest('20260615T023000Z', { host: 'web2' })),
      says: ['web2'],
    },
    {
      name: 'duplicity has the record of another directory',
      outcome: 'unknown',
      tree: toolTree(job(), manifest('20260615T023000Z', { directory: '/srv' })),
      says: ['/srv'],
    },
    {
      name: 'a manifest that others could have written',
      outcome: 'unknown',
      tree: toolTree(job(), manifest('20260615T023000Z', { uid: 1000 })),
    },
    {
      name: 'a manifest from the future',
      outcome: 'unknown',
      tree: toolTree(job(), manifest('20260616T023000Z')),
    },
    {
      name: 'a manifest of this morning for another address',
      outcome: 'unknown',
      tree: toolTree(cronLines(`duplicity /etc ${TARGET}`), manifest('20260615T023000Z')),
      says: ['no record'],
    },
  ],
  'backup.encrypted': [
    { name: 'duplicity encrypts', outcome: 'pass', tree: toolTree(job()) },
    {
      name: 'duplicity encrypts for a key: who restores needs its secret half',
      outcome: 'pass',
      tree: toolTree(job('--encrypt-key 44E21A183B54392D --sign-key 4B7C1F0A2897681A')),
      says: ['GnuPG'],
    },
    { name: 'duplicity is told not to', outcome: 'fail', tree: toolTree(job('--no-encryption')) },
  ],
  'backup.retention': [
    {
      name: 'duplicity keeps two months',
      outcome: 'pass',
      tree: toolTree(cronLines(`duplicity / ${TARGET}`, `duplicity remove-older-than 2M --force ${TARGET}`)),
      says: ['60 days'],
    },
    {
      name: 'duplicity keeps three days',
      outcome: 'fail',
      tree: toolTree(cronLines(`duplicity / ${TARGET}`, `duplicity remove-older-than 3D --force ${TARGET}`)),
    },
    {
      name: 'without --force duplicity only lists what it would remove',
      outcome: 'pass',
      tree: toolTree(cronLines(`duplicity / ${TARGET}`, `duplicity remove-older-than 3D ${TARGET}`)),
    },
    {
      name: 'one whole chain is kept: right after a new one there is nothing older',
      outcome: 'fail',
      tree: toolTree(
        cronLines(
          `duplicity --full-if-older-than 1M / ${TARGET}`,
          `duplicity remove-all-but-n-full 1 --force ${TARGET}`,
        ),
      ),
    },
    {
      name: 'two chains of a month',
      outcome: 'pass',
      tree: toolTree(
        cronLines(
          `duplicity --full-if-older-than 1M / ${TARGET}`,
          `duplicity remove-all-but-n-full 2 --force ${TARGET}`,
        ),
      ),
    },
    {
      name: 'nobody says when a new chain begins',
      outcome: 'unknown',
      tree: toolTree(
        cronLines(`duplicity / ${TARGET}`, `duplicity remove-all-but-n-full 4 --force ${TARGET}`),
      ),
    },
  ],
  'backup.off-host': [
    { name: 'duplicity by sftp', outcome: 'pass', tree: toolTree(job()), says: ['vault.example.org'] },
    {
      name: 'duplicity into a bucket',
      outcome: 'pass',
      tree: toolTree(cronLines('duplicity / boto3+s3://web/etc')),
    },
    {
      name: 'duplicity into a bucket at an address of its own, which is this system',
      outcome: 'fail',
      tree: toolTree(cronLines('duplicity --s3-endpoint-url http://127.0.0.1:9000 / boto3+s3://web/etc')),
    },
    {
      name: 'duplicity into a directory',
      outcome: 'fail',
      tree: toolTree(cronLines('duplicity / file:///srv/vault')),
      says: ['/dev/sda1'],
    },
    {
      name: 'duplicity into several places',
      outcome: 'unknown',
      tree: toolTree(cronLines('duplicity / multi:///etc/duplicity.json')),
    },
  ],
  'backup.tamper-resistant': [
    {
      name: 'duplicity removes old ones from here',
      outcome: 'fail',
      tree: toolTree(cronLines(`duplicity / ${TARGET}`, `duplicity remove-older-than 2M --force ${TARGET}`)),
      says: ['removes backups'],
    },
  ],
  'backup.credentials-safe': [
    {
      name: 'the passphrase of duplicity in a script that all can read',
      outcome: 'fail',
      tree: toolTree(cronLines('/usr/local/sbin/nightly'), {
        '/usr/local/sbin/nightly': {
          text: `#!/bin/sh\nexport PASSPHRASE='canary'\nduplicity / ${TARGET}\n`,
          mode: 0o755,
        },
      }),
      says: ['/usr/local/sbin/nightly'],
    },
    {
      name: 'a secret part in the address of duplicity',
      outcome: 'fail',
      tree: toolTree(cronLines('duplicity / sftp://anna:canary@vault.example.org/web1')),
      says: ['argument'],
    },
  ],
};
