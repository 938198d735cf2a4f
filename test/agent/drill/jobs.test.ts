/** Which jobs a drill takes, and with what it opens them: declared ones, and those that run restic, borg or borgmatic here. */
import { describe, expect, it } from 'vitest';
import { drillJobs } from '../../../agent/drill/jobs.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { memoryHost, type Tree } from '../../../checks/host-memory.ts';

const BASE = {
  '/etc/os-release': 'ID=debian\n',
  '/usr/bin/restic': '',
  '/usr/bin/borg': '',
  '/usr/bin/borgmatic': '',
};

async function jobsOf(files: Tree['files']) {
  const host = memoryHost({ files: { ...BASE, ...files } });
  const jobs = await drillJobs(host, factGetter(host, new Date('2026-06-15T12:00:00.000Z')));
  return Promise.all(
    jobs.map(async ({ name, tool, access, repository, found }) => ({
      name,
      tool: tool.tool,
      repository,
      found: found !== undefined,
      access: await access(),
    })),
  );
}

const cron = (line: string) => ({ '/etc/cron.d/backup': { text: `0 3 * * * root ${line}\n`, mode: 0o600 } });
const declared = (more = '') => ({
  '/etc/nachweis/backup.d/etc.yaml': `name: etc
tool: restic
what: [/etc]
to: /srv/vault
when: { outside: x }
lastSuccess: { probe: { environmentFile: /etc/restic.env${more} } }
`,
  '/etc/restic.env': {
    text: 'RESTIC_REPOSITORY=/srv/vault\nRESTIC_PASSWORD=x\nLD_PRELOAD=/x\n',
    mode: 0o600,
  },
});

describe('jobs of a drill', () => {
  it('opens a declared one by what its declaration names, and nothing else', async () => {
    expect(await jobsOf(declared())).toEqual([
      {
        name: 'etc',
        tool: 'restic',
        repository: '/srv/vault',
        found: false,
        access: {
          environment: { RESTIC_REPOSITORY: '/srv/vault', RESTIC_PASSWORD: 'x' },
          location: '/srv/vault',
        },
      },
    ]);
  });

  it('takes a job once that is declared and found, with what the found one leaves out', async () => {
    const jobs = await jobsOf({ ...declared(), ...cron('restic -r /srv/vault backup /etc') });
    expect(jobs.map(({ name, found }) => [name, found])).toEqual([['etc', true]]);
  });

  it('opens a job that is not declared with what it is called with', async () => {
    const line = 'RESTIC_PASSWORD_FILE=/root/pw restic -r /srv/vault backup /etc';
    const files = { ...cron(line), '/root/pw': { text: 'x\n', mode: 0o600 } };
    expect((await jobsOf(files))[0]?.access).toEqual({
      environment: { RESTIC_REPOSITORY: '/srv/vault', RESTIC_PASSWORD_FILE: '/root/pw' },
      location: '/srv/vault',
    });
    const borg = await jobsOf(cron('BORG_PASSPHRASE=x borg create /srv/vault::{now} /etc'));
    expect(borg[0]).toMatchObject({
      tool: 'borg',
      access: { environment: { BORG_REPO: '/srv/vault', BORG_PASSPHRASE: 'x' } },
    });
  });

  it.each([
    [
      'a table that others can write',
      { '/etc/cron.d/backup': { text: '0 3 * * * root restic -r /srv/vault backup /etc\n', mode: 0o666 } },
    ],
    [
      'a password file of somebody else',
      { ...cron('restic -r /srv/v -p /home/anna/pw backup /etc'), '/home/anna/pw': { text: 'x', uid: 1000 } },
    ],
    [
      'a password command of somebody else',
      {
        ...cron('RESTIC_PASSWORD_COMMAND=/home/anna/pw restic -r /srv/v backup /etc'),
        '/home/anna/pw': { text: 'x', uid: 1000 },
      },
    ],
    [
      'a way to the storage that runs a program of somebody else',
      {
        ...cron("BORG_RSH='/home/anna/ssh -i x' borg create /srv/v::x /etc"),
        '/home/anna/ssh': { text: 'x', uid: 1000 },
      },
    ],
    [
      'a declaration that others can write',
      { ...declared(), '/etc/nachweis/backup.d': { directory: true, mode: 0o777 } as const },
    ],
    [
      'secrets that others can write',
      { ...declared(), '/etc/restic.env': { text: 'RESTIC_PASSWORD=x\n', mode: 0o622 } },
    ],
  ])('does not open %s', async (_title, files) => {
    const jobs = await jobsOf(files as Tree['files']);
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.access).toBeUndefined();
  });

  it('does not guess what a shell would make of it', async () => {
    const [job] = await jobsOf(cron('RESTIC_PASSWORD="$(cat /root/pw)" restic -r /srv/vault backup /etc'));
    expect(job?.access?.environment.RESTIC_PASSWORD).toBeUndefined();
  });
});
