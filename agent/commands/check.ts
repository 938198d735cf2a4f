/** `nachweis check`: judges this system, or an unpacked one, with no collector at all. */
import { performance } from 'node:perf_hooks';
import type { Check } from '../../checks/check.ts';
import { factGetter } from '../../checks/evaluate.ts';
import { osRelease } from '../../checks/facts/os-release.ts';
import { selectChecks } from '../../checks/family.ts';
import type { Host } from '../../checks/host.ts';
import type { AccessMatrix } from '../../shared/access-matrix.ts';
import { CodedError } from '../../shared/errors.ts';
import { inLanguage, type Language, type Result } from '../../shared/outcome.ts';
import { accessText } from '../access-text.ts';
import { checkHeading, checkText } from '../check-text.ts';
import { readConfig, readContract, readParams } from '../config.ts';
import { linuxHost } from '../host-linux.ts';
import { countOutcomes, type Judged, judge } from '../judge.ts';
import { memoryOfMachine } from '../memory.ts';
import { mergeParams, noPolicy, policyOfMachine } from '../policy.ts';
import { openState } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';
import { terminalOf } from '../terminal.ts';

export interface CheckOptions {
  readonly root?: string;
  readonly only?: string;
  readonly params?: string;
  readonly contract?: string;
  readonly config?: string;
  readonly format: 'text' | 'json';
  readonly list?: boolean;
  readonly all?: boolean;
  readonly access?: boolean;
}

/** @returns the exit status: 0 nothing fails, 1 something fails, 3 nothing fails but something is unknown */
export async function check(options: CheckOptions, language: Language): Promise<number> {
  const checks = options.access ? [] : await chosen(options.only);
  if (options.list) {
    process.stdout.write(listing(checks, options.format, language));
    return 0;
  }
  // The parameters of this machine are not those of another system that lies unpacked on it.
  const config = options.root === undefined ? await readConfig(options.config) : undefined;
  const contract = options.contract ? await readContract(options.contract) : config?.contract;
  const now = new Date();
  // What a report of this machine would be judged by; an unpacked system has no policy of its own.
  const policy =
    options.root === undefined ? await policyOfMachine(() => openState(stateDirectory()), now) : noPolicy;
  const params = options.params
    ? await readParams(options.params)
    : mergeParams(config?.params ?? {}, policy.params);
  const host = linuxHost(
    options.root === undefined
      ? { policy: policy.fact, memory: memoryOfMachine(() => openState(stateDirectory())) }
      : { root: options.root },
  );
  await expectSystem(host, options.root, now);
  const judged = await judge({
    host,
    checks,
    params,
    contract,
    now,
    monotonic: () => performance.now(),
    access: options.access ?? false,
  });
  if (judged.access) return showAccess(judged, judged.access, options, language);
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify(checkJson(judged, language), null, 2)}\n`
      : checkText(judged, checks, {
          language,
          terminal: terminalOf(process.stdout, process.env),
          privileged: host.privileged,
          root: options.root,
          all: options.all ?? false,
        }),
  );
  const counts = countOutcomes(judged.results);
  return counts.fail > 0 ? 1 : counts.unknown > 0 ? 3 : 0;
}

/** @returns 1 where something is not granted, 3 where that, or whether all was seen, can't be told */
function showAccess(
  judged: Judged,
  access: AccessMatrix,
  { format, root }: CheckOptions,
  language: Language,
): number {
  const terminal = terminalOf(process.stdout, process.env);
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify({ host: judged.machine, access }, null, 2)}\n`
      : `${checkHeading(judged, { language, terminal, root }).join('\n')}\n\n${accessText(access, { language, terminal })}`,
  );
  if (!access.register) return 3;
  if (access.entries.some(({ grant }) => grant === undefined)) return 1;
  return access.gaps.length > 0 || access.more > 0 ? 3 : 0;
}

async function chosen(only: string | undefined): Promise<readonly Check[]> {
  if (only === undefined) return (await import('../../checks/registry.ts')).allChecks;
  const { checks, unmatched } = await selectChecks(only);
  const [id] = unmatched;
  if (id !== undefined) throw new CodedError('CHECK_UNKNOWN', { id });
  if (checks.length === 0) throw new CodedError('CHECK_UNKNOWN', { id: `"${only}"` });
  return checks;
}

/** An empty or mistyped directory must not look like a system on which nothing is installed. */
async function expectSystem(host: Host, root: string | undefined, now: Date): Promise<void> {
  if (root === undefined) return;
  const release = await factGetter(host, now)(osRelease);
  if (release.state === 'absent') throw new CodedError('ROOT_INVALID', { path: root });
}

/** The form that other programs read; texts are in one language. */
function checkJson({ machine, results }: Judged, language: Language) {
  return { host: machine, results: results.map((result) => resultJson(result, language)) };
}

function resultJson({ check: id, outcome, severity, reason, evidence }: Result, language: Language) {
  return {
    check: id,
    outcome,
    severity,
    ...(reason ? { reason: reason[language] } : {}),
    evidence: evidence.map(({ found, wanted, ...where }) => ({
      ...where,
      found: inLanguage(found, language),
      wanted: inLanguage(wanted, language),
    })),
  };
}

function listing(checks: readonly Check[], format: 'text' | 'json', language: Language): string {
  const rows = checks.map(({ id, severity, title }) => ({ check: id, severity, title: title[language] }));
  if (format === 'json') return `${JSON.stringify(rows, null, 2)}\n`;
  const width = Math.max(0, ...rows.map(({ check: id }) => id.length));
  return rows.map((row) => `${row.check.padEnd(width)}  ${row.title}\n`).join('');
}
