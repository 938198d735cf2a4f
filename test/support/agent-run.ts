/** The agent as it is in this clone, run inside a container (read-only, with the pinned Node), or on an unpacked root. */
import { join } from 'node:path';
import { linuxHost } from '../../agent/host-linux.ts';
import { judge } from '../../agent/judge.ts';
import { allChecks } from '../../checks/registry.ts';
import { inLanguage, type Outcome } from '../../shared/outcome.ts';
import { type BootOptions, bootContainer, type Container, type ExecOptions } from './container.ts';

const project = join(import.meta.dirname, '../..');
const THERE = '/opt/nachweis';

/** Only what the agent may import: what else lies in the clone is not there. */
const parts = ['agent', 'checks', 'shared', 'node_modules', 'package.json'];

/** What `nachweis check --format json` prints. */
export interface CheckReport {
  readonly host: { readonly os: { readonly id: string; readonly version: string } };
  readonly results: readonly CheckResult[];
}

export interface CheckResult {
  readonly check: string;
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly evidence: readonly {
    readonly source: string;
    readonly line?: number | undefined;
    readonly found: string;
    readonly wanted: string;
  }[];
}

export function bootWithAgent(root: string, options: BootOptions = {}): Promise<Container> {
  const readOnly = Object.fromEntries(parts.map((part) => [`${THERE}/${part}`, join(project, part)]));
  return bootContainer(root, { ...options, readOnly: { ...readOnly, ...options.readOnly } });
}

/** `nachweis check` in the container, as root or as `options.user`. @throws Error where it does not judge */
export async function checkInside(
  container: Container,
  args: readonly string[] = [],
  options: ExecOptions = {},
): Promise<CheckReport> {
  const node = `${THERE}/node_modules/.bin/node`;
  const command = [node, `${THERE}/agent/main.ts`, 'check', '--format', 'json', '--lang', 'en', ...args];
  const { status, stdout, stderr } = await container.exec(command, { timeoutMs: 180_000, ...options });
  // 1: something fails; 3: something is unknown.
  if (![0, 1, 3].includes(status)) throw new Error(`nachweis check: status ${status}\n${stderr}`);
  return JSON.parse(stdout) as CheckReport;
}

/** What `nachweis check --root` says, at an instant of the test's choice. In English. */
export async function checkRoot(
  root: string,
  now: Date,
  params: Parameters<typeof judge>[0]['params'] = {},
): Promise<readonly CheckResult[]> {
  const host = linuxHost({ root });
  const judged = await judge({ host, checks: allChecks, params, now, monotonic: () => 0 });
  return judged.results.map(({ check, outcome, reason, evidence }) => ({
    check,
    outcome,
    ...(reason ? { reason: reason.en } : {}),
    evidence: evidence.map(({ found, wanted, ...where }) => ({
      ...where,
      found: inLanguage(found, 'en'),
      wanted: inLanguage(wanted, 'en'),
    })),
  }));
}
