/** What login.pam-authentication and login.pam-account say: one verdict from the judgements of all services. Pure. */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { PAM_CONF, PAM_DIRECTORIES, type PamConfiguration } from '../facts/pam.ts';
import type { PamStep } from '../facts/pam-dispatch.ts';
import { judgePam, type PamJudgement } from '../facts/pam-judge.ts';
import type { PamPeople } from '../facts/pam-people.ts';

export interface PamWords {
  /** What is wanted of every service. */
  readonly wanted: Text;
  /** What went wrong, for the first line about a service. */
  readonly open: Text;
  /** What was found where all is well. */
  readonly closed: Text;
}

/** So many ways in are shown line by line; the others by the names of their services. */
const MAX_RUNS = 6;

export function pamVerdict(
  configuration: PamConfiguration,
  people: PamPeople,
  type: 'auth' | 'account',
  words: PamWords,
): Verdict {
  const judged = judgePam(configuration, people, type);
  const open = judged.filter((one) => one.verdict === 'open');
  const unclear = judged.filter((one) => one.verdict === 'unclear');
  if (open.length > 0) return fail(runs(configuration, open, words));
  const [first] = unclear;
  if (first) return unknown(first.why, runs(configuration, unclear, words));
  if (judged.length === 0)
    return unknown({
      en: 'PAM is there, but no service is configured',
      de: 'PAM ist da, aber kein Dienst ist eingerichtet',
    });
  return pass([...closed(configuration, judged, words), ...exempt(configuration, judged, words)]);
}

const names = (judged: readonly PamJudgement[]): string => judged.map(({ service }) => service).join(', ');
const place = ({ directories }: PamConfiguration): string => (directories ? PAM_DIRECTORIES[0] : PAM_CONF);

function closed(
  configuration: PamConfiguration,
  judged: readonly PamJudgement[],
  { wanted, closed: found }: PamWords,
): Evidence[] {
  const services = judged.filter(({ verdict }) => verdict === 'closed');
  if (services.length === 0) return [];
  const list = names(services);
  return [
    evidence({
      source: place(configuration),
      found: { en: `${found.en}: ${list}`, de: `${found.de}: ${list}` },
      wanted,
    }),
  ];
}

function exempt(
  configuration: PamConfiguration,
  judged: readonly PamJudgement[],
  { wanted }: PamWords,
): Evidence[] {
  const reasons = new Map<string, { why: Text; services: PamJudgement[] }>();
  for (const one of judged) {
    if (one.verdict !== 'exempt') continue;
    const group = reasons.get(one.why.en) ?? { why: one.why, services: [] };
    group.services.push(one);
    reasons.set(one.why.en, group);
  }
  return [...reasons.values()].map(({ why, services }) =>
    evidence({
      source: place(configuration),
      found: {
        en: `not judged, ${why.en}: ${names(services)}`,
        de: `nicht beurteilt, ${why.de}: ${names(services)}`,
      },
      wanted,
    }),
  );
}

type Run = Extract<PamJudgement, { readonly run: readonly PamStep[] }>;

/** Services that are entered by the same lines and answers are told once. */
function runs(configuration: PamConfiguration, judged: readonly Run[], words: PamWords): Evidence[] {
  const ways = new Map<string, Run[]>();
  for (const one of judged) {
    const way = one.run.map(({ line, returned }) => `${line.file}:${line.line} ${returned}`).join();
    const key = one.verdict === 'unclear' ? `${way} ${one.why.en}` : way;
    ways.set(key, [...(ways.get(key) ?? []), one]);
  }
  return [...ways.values()].flatMap((same, index) => {
    const [one] = same;
    if (!one) return [];
    const header = evidence({
      source: configuration.files.get(one.service)?.[0]?.file ?? place(configuration),
      found: headline(same, one, words),
      wanted: words.wanted,
    });
    return index < MAX_RUNS ? [header, ...one.run.map((step) => answer(step, words))] : [header];
  });
}

function headline(same: readonly Run[], one: Run, { open }: PamWords): Text {
  const services = names(same);
  if (one.verdict === 'unclear')
    return { en: `${services}: ${one.why.en}`, de: `${services}: ${one.why.de}` };
  const { target, caller } = one.scene;
  const whom = decider(one);
  const who =
    whom === 'caller' && caller
      ? { en: ` (started by ${caller.name})`, de: ` (gestartet von ${caller.name})` }
      : whom === 'target' && target
        ? { en: ` (account ${target.name})`, de: ` (Konto ${target.name})` }
        : { en: '', de: '' };
  return { en: `${services}: ${open.en}${who.en}`, de: `${services}: ${open.de}${who.de}` };
}

/** By whom the run goes; where it goes by nobody, the person in the scene stands for anybody and is not named. */
function decider({ run }: Run): 'caller' | 'target' | undefined {
  for (const { line, returned } of run) {
    if (line.kind !== 'module' || returned !== 'success') continue;
    if (/^pam_wheel/.test(line.module) || line.args.includes('use_uid')) return 'caller';
    if (/^pam_(?:succeed_if|listfile|unix)/.test(line.module)) return 'target';
  }
  return undefined;
}

const answer = ({ line, returned }: PamStep, { wanted }: PamWords): Evidence =>
  evidence({
    source: line.file,
    line: line.line,
    found:
      line.kind === 'module'
        ? `${line.module}: ${returned}`
        : { en: `line that can not be read: ${returned}`, de: `nicht lesbare Zeile: ${returned}` },
    wanted,
  });
