/**
 * `npm run bench -- wire`: bytes that an unchanged report costs, headers included, TLS aside. Real agent, real
 * collector; between them a relay that ends TLS with the collector's own certificate and counts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnrolmentString } from '../../shared/enrolment.ts';
import { runCollector, serveCollector } from '../support/collector-process.ts';
import { countingRelay, wireLimits } from '../support/counting-relay.ts';
import { projectRoot } from '../support/import-graph.ts';
import { runProgram } from '../support/program-run.ts';

/** Lines of requests or answers, with how long each message is. */
function messages(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const starts = [...text.matchAll(/(?:POST|GET) \S+ HTTP\/1\.1|HTTP\/1\.1 \d{3}/g)].map(
    ({ index }) => index,
  );
  return starts
    .map((start, at) => {
      const message = text.slice(start, starts[at + 1]);
      const head = message.indexOf('\r\n\r\n') + 4;
      return `    ${message.split('\r\n')[0]}: head ${head}, body ${message.length - head}`;
    })
    .join('\n');
}

export async function bench(args: readonly string[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-wire-'));
  const data = join(directory, 'collector');
  const serving = await serveCollector(data);
  try {
    await runCollector(['tenant', 'add', 'A', '--data', data]);
    const line = (await runCollector(['token', 'create', '--tenant', 'A', '--data', data])).stdout;
    const between = await countingRelay(serving.agentsUrl, join(data, 'keys'));
    const string = line.replace(parseEnrolmentString(line).addresses[0] ?? '', between.url);
    const nachweis = async (...command: string[]): Promise<string> => {
      const argv = [process.execPath, join(projectRoot, 'agent/main.ts'), ...command, '--lang', 'en'];
      const env = {
        PATH: process.env.PATH,
        NACHWEIS_STATE: join(directory, 'agent'),
        NACHWEIS_ENROL: string,
      };
      const { status, stdout, stderr } = await runProgram(argv, { env, timeoutMs: 600_000 });
      if (status > 1) throw new Error(`${command}: ${status} ${stdout} ${stderr}`);
      return stdout;
    };
    await nachweis('enrol', '--config', '/nowhere');
    await nachweis('once', '--config', '/nowhere');
    between.taken();
    await nachweis('once', '--config', '/nowhere');
    const { sent, received } = between.taken();
    const whole = sent.includes('"document"')
      ? ' (WITH THE DOCUMENT: this machine changed between the two)'
      : '';
    process.stdout.write(
      `an unchanged report${whole}\n` +
        `  sent      ${sent.length} bytes, at most ${wireLimits.sent}\n${messages(sent)}\n` +
        `  received  ${received.length} bytes, at most ${wireLimits.received}\n${messages(received)}\n`,
    );
    if (args.includes('--show')) process.stdout.write(`${sent.toString()}\n\n${received.toString()}\n`);
    between.close();
  } finally {
    await serving.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  }
}
