/** The collector's Containerfile, without an engine: its own steps in a Debian 12 root, and what it starts, as its user. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { packageName } from '../../agent/packaging/make.ts';
import { products } from '../../agent/packaging/product.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { projectRoot } from '../support/import-graph.ts';
import { architecture, packageBuild } from '../support/package-build.ts';
import { runProgram } from '../support/program-run.ts';
import { copyRoot } from '../support/root-copy.ts';

const text = readFileSync(join(projectRoot, 'server/packaging/Containerfile'), 'utf8').replaceAll(
  '\\\n',
  ' ',
);
/** What stands behind an instruction. */
const instruction = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? '';

describeInDebian('the Containerfile', () => {
  it(
    'makes an image in which the collector serves as a user without rights',
    async () => {
      const collector = products.find(({ name }) => name === 'nachweis-collector');
      if (!collector) throw new Error('no collector');
      const root = copyRoot(await debianRoot(12));
      onTestFinished(() => root.remove());
      const [pattern = '', there = ''] = instruction('COPY').split(' ');
      const file = packageName(collector, architecture, 'deb');
      const arch = architecture === 'x64' ? 'amd64' : architecture;
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as the Containerfile has it
      const named = pattern.replace('${TARGETARCH}', arch).replaceAll('.', '\\.').replace('*', '.*');
      expect(file).toMatch(new RegExp(`^${named}$`));
      copyFileSync(join(await packageBuild(), file), join(root.path, there));
      await root.run(['sh', '-ec', instruction('RUN')], { timeoutMs: 120_000 });

      const [uid = '', gid = ''] = instruction('USER').split(':');
      const [program] = JSON.parse(instruction('ENTRYPOINT')) as string[];
      const argv = [
        program,
        ...(JSON.parse(instruction('CMD')) as string[]),
        '--port',
        '0',
        '--dashboard-port',
        '0',
      ];
      // Until it is up, then as an engine ends it.
      const script = `mount -t proc proc "$1/proc"; root=$1; shift
mkfifo /tmp/said.$$; chroot --userspec=${uid}:${gid} "$root" "$@" >/tmp/said.$$ & pid=$!
while read -r line; do echo "$line"; case $line in Dashboard:*) kill -TERM $pid ;; esac; done </tmp/said.$$
rm /tmp/said.$$; wait $pid`;
      const ended = await runProgram(
        ['unshare', '--mount', 'sh', '-c', script, 'sh', root.path, ...argv.map(String)],
        {
          env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
          timeoutMs: 120_000,
        },
      );
      expect(ended.stdout).toContain('Agents: ');
      expect(ended.status).toBe(0);
      expect(await root.run(['stat', '-c', '%u %a', instruction('VOLUME')])).toBe(`${uid} 700\n`);
    },
    ROOT_TIMEOUT_MS,
  );
});
