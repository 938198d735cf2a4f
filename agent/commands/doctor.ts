/** `nachweis doctor`: looks at everything a report needs, line by line, and says what to do. It changes nothing and sends no report. */
import type { Language, Text } from '../../shared/outcome.ts';
import { type Config, readConfigForm } from '../config.ts';
import { type Finding, ofError, topics } from '../doctor/finding.ts';
import {
  lookAtKey,
  lookAtPolicy,
  lookAtProgram,
  lookAtSpace,
  lookAtSpool,
  lookAtState,
} from '../doctor/local.ts';
import { lookAtNetwork } from '../doctor/network.ts';
import {
  lookAtCommands,
  lookAtFilter,
  lookAtSchedule,
  lookAtTimeService,
  runningProcesses,
} from '../doctor/system.ts';
import { speaker } from '../language.ts';
import { addressesOf } from '../link.ts';
import { networkOf } from '../network/settings.ts';
import type { Enrolment } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';
import { type Terminal, terminalOf, wrap } from '../terminal.ts';

export interface DoctorOptions {
  readonly state?: string;
  readonly config?: string;
  readonly format: 'text' | 'json';
}

/** @returns 0 all in order, 1 something does not work, 3 something could be better or could not be looked at */
export async function doctor(options: DoctorOptions, language: Language): Promise<number> {
  const findings = inOrder(await lookAtAll(options, new Date()));
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify({ findings: findings.map((one) => spoken(one, language)) }, null, 2)}\n`
      : doctorText(findings, language, terminalOf(process.stdout, process.env)),
  );
  const has = (level: Finding['level']): boolean => findings.some((one) => one.level === level);
  return has('fail') ? 1 : has('warn') ? 3 : 0;
}

async function lookAtAll(options: DoctorOptions, now: Date): Promise<Finding[]> {
  const directory = stateDirectory(options.state);
  const { findings, state, enrolment } = lookAtState(directory);
  const all: Finding[] = [...lookAtProgram(), ...findings];
  if (state) all.push(lookAtSpace(directory));
  if (state && enrolment) {
    all.push(lookAtKey(state, enrolment), lookAtSpool(state, enrolment));
    all.push(await lookAtPolicy(state, enrolment, now));
  }
  const config = await readConfigForm(options.config).catch((error: unknown) => ofError('config', error));
  if ('topic' in config) all.push(config);
  else if (enrolment) all.push(...(await lookOutside(enrolment, config)));
  const running = runningProcesses();
  const filter = lookAtFilter(state);
  return [
    ...all,
    lookAtTimeService(running),
    await lookAtSchedule(running),
    ...(filter ? [filter] : []),
    ...lookAtCommands(),
  ];
}

async function lookOutside(enrolment: Enrolment, config: Config): Promise<Finding[]> {
  try {
    return await lookAtNetwork(
      addressesOf(enrolment, config),
      enrolment.trust,
      networkOf(config, process.env),
    );
  } catch (error) {
    return [ofError('config', error)];
  }
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const order = Object.keys(topics);
  return [...findings].sort((a, b) => order.indexOf(a.topic) - order.indexOf(b.topic));
}

const spoken = ({ topic, level, found, next }: Finding, language: Language) => ({
  topic,
  level,
  found: found[language],
  ...(next ? { next: next[language] } : {}),
});

const MARKS = { ok: '✓', warn: '!', fail: '✗' } as const;
const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export function doctorText(findings: readonly Finding[], language: Language, terminal: Terminal): string {
  const say = speaker(language);
  const column = Math.max(...findings.map(({ topic }) => topics[topic][language].length)) + 2;
  const lines = findings.flatMap(({ topic, level, found, next }) => {
    const head = `${MARKS[level]} ${topics[topic][language].padEnd(column)}`;
    const said = wrap(found[language], terminal.width, head);
    const [first = '', ...rest] = said;
    return [
      first.replace(MARKS[level], (mark) => terminal.paint(COLOURS[level], mark)),
      ...rest,
      ...(next ? wrap(next[language], terminal.width, `${' '.repeat(column)}→ `) : []),
    ];
  });
  return `${[...lines, '', sum(findings, say)].join('\n')}\n`;
}

function sum(findings: readonly Finding[], say: (text: Text) => string): string {
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  const [fails, warns] = [count('fail'), count('warn')];
  if (fails + warns === 0) return say({ en: 'All in order.', de: 'Alles in Ordnung.' });
  const parts = [
    fails > 0 ? say({ en: `${fails} not working`, de: `${fails} × gestört` }) : '',
    warns > 0 ? say({ en: `${warns} to look at`, de: `${warns} × ansehen` }) : '',
  ].filter(Boolean);
  return `${parts.join(', ')}${say({ en: `, ${count('ok')} in order.`, de: `, ${count('ok')} × in Ordnung.` })}`;
}
