/** A drill as a process of its own, for tests that end it: base, scratch. Says `restoring` as soon as something lies there. */
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { drillJob } from '../../../agent/drill/drill.ts';
import { drillJobs } from '../../../agent/drill/jobs.ts';
import { withDrillDirectory } from '../../../agent/drill/scratch.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { probeHost } from '../probe-host.ts';

const [base = '', directory = ''] = process.argv.slice(2);
const host = probeHost(base);
const [job] = await drillJobs(host, factGetter(host, new Date()));
if (!job) throw new Error('no job');
const restored = (): boolean =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).some((name) =>
    /drill-.*\/file-\d+$/.test(name),
  );
const timer = setInterval(() => {
  if (restored()) {
    clearInterval(timer);
    process.stdout.write('restoring\n');
  }
}, 5);
process.once('SIGTERM', () => process.exit(143));
await withDrillDirectory(host, directory, () =>
  drillJob(
    {
      host,
      hostName: os.hostname(),
      now: () => new Date(),
      monotonic: () => performance.now(),
      directory,
      paths: [path.join(base, 'source/etc')],
      limits: { files: 24, bytes: 64 * 1024 * 1024 },
      seconds: 120,
    },
    job,
  ),
);
