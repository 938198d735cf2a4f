/** What the tests of drills share: a directory of root's, declared jobs in it, files to save, and one drill of a job. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { type Drilled, type DrillOptions, drillJob } from '../../../agent/drill/drill.ts';
import { drillJobs } from '../../../agent/drill/jobs.ts';
import { withDrillDirectory } from '../../../agent/drill/scratch.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { drillSchema } from '../../../shared/drill.ts';
import { probeHost } from '../probe-host.ts';

export const PASSWORD = 'canary-correct-horse';

export class DrillWorld {
  /** Every directory above is root's alone, and others may pass through: contained programs have to. */
  readonly base = mkdtempSync('/var/cache/nachweis-drill-test-');
  readonly source = path.join(this.base, 'source');
  readonly repository = path.join(this.base, 'repository');
  readonly scratch = path.join(this.base, 'scratch');

  constructor() {
    chmodSync(this.base, 0o711);
    mkdirSync(path.join(this.base, 'backup.d'));
    mkdirSync(path.join(this.source, 'etc'), { recursive: true });
    rmSync(this.scratch, { recursive: true, force: true });
  }

  file(name: string, content: string | Buffer = `content of ${name}\n`): string {
    const file = path.join(this.source, 'etc', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  declare(tool: string, probe: Record<string, unknown>, more: Record<string, unknown> = {}): void {
    writeFileSync(
      path.join(this.base, 'backup.d/web.yaml'),
      stringify({
        name: 'web',
        tool,
        what: [this.source],
        to: this.repository,
        when: { outside: 'by the test' },
        lastSuccess: { probe },
        ...more,
      }),
    );
  }

  secrets(lines: Record<string, string>): string {
    const file = path.join(this.base, 'env');
    writeFileSync(
      file,
      Object.entries(lines)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
      { mode: 0o600 },
    );
    return file;
  }

  /** One drill of the one declared job; nothing may be left of it, and what it says has the form that is signed. */
  async drill(more: Partial<DrillOptions> = {}): Promise<Drilled> {
    const host = probeHost(this.base);
    const now = () => new Date();
    const [job] = await drillJobs(host, factGetter(host, now()));
    if (!job) throw new Error('no job');
    const directory = more.directory ?? this.scratch;
    const drilled = await withDrillDirectory(host, directory, () =>
      drillJob(
        {
          host,
          hostName: os.hostname(),
          now,
          monotonic: () => performance.now(),
          directory,
          paths: [path.join(this.source, 'etc')],
          limits: { files: 24, bytes: 64 * 1024 * 1024 },
          seconds: 120,
          ...more,
        },
        job,
      ),
    );
    const left = readdirSync(directory);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    drillSchema.parse(drilled.drill);
    if (/canary/.test(JSON.stringify(drilled))) throw new Error('a secret came out');
    return drilled;
  }

  end(): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** So that a file changed now is younger than a snapshot of a moment ago, by more than any margin. */
export const seconds = (count: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, count * 1000));

/** The content changes, the time of change that anybody can set does not. */
export function changeQuietly(file: string, content: string): void {
  const at = new Date('2026-01-01T00:00:00.000Z');
  writeFileSync(file, content);
  utimesSync(file, at, at);
}
