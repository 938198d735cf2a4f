/** The Ansible role and the cloud-init example: the role is really played, twice, at a real collector. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { startCollector } from '../support/collector.ts';
import { temporaryDirectory } from '../support/database.ts';
import { projectRoot } from '../support/import-graph.ts';
import { runProgram } from '../support/program-run.ts';
import { describeWith } from '../support/programs.ts';
import { stringFor, tokenFor } from './agent-at.ts';

const packaging = path.join(projectRoot, 'agent/packaging');

describeWith(['ansible-playbook'], 'the Ansible role', () => {
  it('enrols and reports at its first run, and changes nothing at its second', {
    timeout: 240_000,
  }, async () => {
    const collector = await startCollector({ now: new Date() });
    const directory = temporaryDirectory();
    const string = stringFor(collector, await tokenFor(collector));
    fs.mkdirSync(path.join(directory, 'roles'));
    fs.symlinkSync(path.join(packaging, 'ansible'), path.join(directory, 'roles/nachweis'));
    const play = [
      {
        hosts: 'localhost',
        connection: 'local',
        gather_facts: false,
        roles: ['nachweis'],
        vars: {
          nachweis_enrol: string,
          nachweis_command: [process.execPath, path.join(projectRoot, 'agent/main.ts')],
          nachweis_state: path.join(directory, 'state'),
          nachweis_config_path: path.join(directory, 'etc/agent.yaml'),
          nachweis_config: { interval: '2h' },
        },
      },
    ];
    fs.writeFileSync(path.join(directory, 'play.yml'), JSON.stringify(play));
    const run = async () => {
      const argv = ['/usr/bin/ansible-playbook', '-i', 'localhost,', path.join(directory, 'play.yml')];
      const env = {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: directory,
        LC_ALL: 'C.UTF-8',
        ANSIBLE_LOCALHOST_WARNING: 'false',
      };
      const { status, stdout, stderr } = await runProgram(argv, { env, timeoutMs: 200_000 });
      expect(status, stdout + stderr).toBe(0);
      expect(stdout + stderr).not.toContain(string.split('#')[1]?.slice(0, 32));
      return /localhost +: ok=(\d+) +changed=(\d+)/.exec(stdout)?.slice(1).map(Number);
    };
    // The directory, the file, the enrolment and the report.
    expect(await run()).toEqual([4, 4]);
    const host = await collector.db.selectFrom('hosts').selectAll().executeTakeFirstOrThrow();
    expect([host.last_sequence, host.interval_seconds]).toEqual([1, 7200]);
    expect(await run()).toEqual([3, 0]);
    expect(await collector.db.selectFrom('reports').selectAll().execute()).toHaveLength(1);
  });
});

it('the cloud-init example calls the agent as it is, and removes the string', async () => {
  const text = fs.readFileSync(path.join(packaging, 'cloud-init.yaml'), 'utf8');
  expect(text.startsWith('#cloud-config\n')).toBe(true);
  const { runcmd, write_files: files } = parse(text) as {
    runcmd: string[][];
    write_files: { path: string; permissions: string }[];
  };
  const [file] = files;
  expect(file?.permissions).toBe('0600');
  expect(runcmd).toContainEqual(['rm', '-f', file?.path]);
  const help = async (command: string) =>
    (await runProgram([process.execPath, path.join(projectRoot, 'agent/main.ts'), command, '--help'])).stdout;
  for (const [program, command = '', ...options] of runcmd.filter(([name]) => name === 'nachweis')) {
    const text = await help(command);
    for (const option of options.filter((one) => one.startsWith('--')))
      expect(text, `${program} ${command}`).toContain(option);
  }
});
