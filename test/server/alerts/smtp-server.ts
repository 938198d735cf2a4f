/** Starts the real SMTP server of smtp_sink.py for one test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly tls: boolean;
  readonly user: string | null;
  readonly content: string;
}

export interface SmtpServer {
  readonly port: number;
  /** Everything taken so far. */
  taken(): Promise<readonly TakenMail[]>;
  /** Answers messages with `code` until told otherwise. */
  refuse(code: number): Promise<void>;
  take(): Promise<void>;
  stop(): Promise<void>;
}

/** Without a certificate it takes plain text; with one it demands STARTTLS and a login. */
export async function smtpServer(certificate?: { cert: string; key: string }): Promise<SmtpServer> {
  const script = fileURLToPath(new URL('./smtp_sink.py', import.meta.url));
  const args = certificate ? [certificate.cert, certificate.key] : [];
  // The interpreter that Debian's python3-aiosmtpd belongs to.
  const child = spawn('/usr/bin/python3', ['-W', 'ignore', script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await ended;
  };
  onTestFinished(stop);
  const lines = createInterface(child.stdout);
  let problems = '';
  child.stderr.on('data', (chunk) => {
    problems += String(chunk);
  });
  const [port] = (await Promise.race([
    once(lines, 'line'),
    ended.then(() => Promise.reject(new Error(`the SMTP server did not start: ${problems}`))),
  ])) as [string];
  const taken: TakenMail[] = [];
  const answers: (() => void)[] = [];
  lines.on('line', (line) => {
    const said = JSON.parse(line);
    if ('did' in said) answers.shift()?.();
    else taken.push(said);
  });
  const command = (text: string) =>
    new Promise<void>((resolve) => {
      answers.push(resolve);
      child.stdin.write(`${text}\n`);
    });
  return {
    port: Number(port),
    async taken() {
      await command('sync');
      return taken;
    },
    refuse: (code) => command(`refuse ${code}`),
    take: () => command('take'),
    stop,
  };
}
