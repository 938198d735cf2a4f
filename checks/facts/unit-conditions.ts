/**
 * Whether systemd would start a unit at all: Condition...= and Assert...= of [Unit], ExecCondition= of a service. Paths are
 * looked at; where they may come and go (a mount, a file below /var or /run), one that is not met now is only a doubt. What
 * depends on a program, the moment or the machine is a doubt too. systemd.unit(5), "Conditions and Asserts"; systemd.service(5).
 */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import { type Unit, unitList } from './systemd-unit.ts';
import { execCommands } from './systemd-unit-file.ts';

export interface UnitStart {
  /** It is never started. */
  readonly never?: Text;
  /** It may or may not be started. */
  readonly doubt?: Text;
}

type Answer = 'met' | 'unmet' | 'doubt';

interface Condition {
  /** As it is written: `ConditionPathExists=/etc/x`. */
  readonly said: string;
  readonly answer: Answer;
  /** Of those marked `|` one is enough. */
  readonly alternative: boolean;
}

/** Below these nothing comes and goes by itself. */
const LASTING = /^\/(?:etc|usr|opt|boot|root|home|bin|sbin|lib|lib64)(?:\/|$)/;

/** @param fill replaces what the unit's name stands for */
export async function unitStart(
  host: Host,
  unit: Unit,
  fill: (text: string) => string = (text) => text,
): Promise<UnitStart> {
  const conditions: Condition[] = [];
  for (const list of [settings(unit, 'Condition'), settings(unit, 'Assert')]) {
    const judged = await Promise.all(list.map(({ key, value }) => judge(host, key, fill(value))));
    const plain = judged.filter(({ alternative }) => !alternative);
    const either = judged.filter(({ alternative }) => alternative);
    const best = (['met', 'doubt', 'unmet'] as const)
      .map((answer) => either.find((one) => one.answer === answer))
      .find((one) => one !== undefined);
    conditions.push(...plain, ...(best ? [best] : []));
  }
  for (const { value } of unitList(unit, 'Service', 'ExecCondition'))
    for (const [program = ''] of execCommands(fill(value)))
      conditions.push({
        said: 'ExecCondition=',
        answer: /(?:^|\/)true$/.test(program) ? 'met' : /(?:^|\/)false$/.test(program) ? 'unmet' : 'doubt',
        alternative: false,
      });
  const unmet = conditions.find(({ answer }) => answer === 'unmet');
  if (unmet)
    return {
      never: {
        en: `systemd does not start ${unit.name}: ${unmet.said} is not met`,
        de: `systemd startet ${unit.name} nicht: ${unmet.said} ist nicht erfüllt`,
      },
    };
  const doubt = conditions.find(({ answer }) => answer === 'doubt');
  return doubt
    ? {
        doubt: {
          en: `whether systemd starts ${unit.name} depends on ${doubt.said}, which can not be told here`,
          de: `ob systemd ${unit.name} startet, hängt von ${doubt.said} ab; das ist hier nicht zu sagen`,
        },
      }
    : {};
}

/** Those in force: an empty one of any kind takes back all before it. */
function settings(unit: Unit, kind: 'Condition' | 'Assert') {
  let list: { key: string; value: string }[] = [];
  for (const { section, key, value } of unit.settings) {
    if (section !== 'Unit' || !key.startsWith(kind)) continue;
    if (value === '') list = [];
    else list.push({ key, value });
  }
  return list;
}

async function judge(host: Host, key: string, value: string): Promise<Condition> {
  const [, marks = '', argument = ''] = /^([|!]*)\s*(.*)$/s.exec(value) ?? [];
  const plain = await answerOf(host, key.replace(/^(?:Condition|Assert)/, ''), argument);
  const turned = marks.includes('!') && plain !== 'doubt' ? (plain === 'met' ? 'unmet' : 'met') : plain;
  const answer = turned === 'unmet' && argument.startsWith('/') && !LASTING.test(argument) ? 'doubt' : turned;
  return { said: `${key}=${value}`.slice(0, 200), answer, alternative: marks.includes('|') };
}

async function answerOf(host: Host, what: string, argument: string): Promise<Answer> {
  if (what === 'User') return /^(?:root|0|@system)$/.test(argument) ? 'met' : 'doubt';
  // True as well where the machine does not know: one that is always fed by mains.
  if (what === 'ACPower') return /^(?:1|yes|y|true|t|on)$/i.test(argument) ? 'met' : 'doubt';
  if (!argument.startsWith('/') || argument.includes('%')) return 'doubt';
  if (what === 'PathIsSymbolicLink') {
    const link = await host.lstat(argument);
    return link.state === 'unreadable'
      ? 'doubt'
      : truth(link.state === 'known' && link.value.type === 'symlink');
  }
  const stat = await host.stat(argument);
  if (stat.state === 'unreadable') return 'doubt';
  const found = stat.state === 'known' ? stat.value : undefined;
  switch (what) {
    case 'PathExists':
      return truth(found !== undefined);
    case 'PathIsDirectory':
      return truth(found?.type === 'directory');
    case 'FileNotEmpty':
      return truth(found?.type === 'file' && found.size > 0);
    case 'FileIsExecutable':
      return truth(found?.type === 'file' && (found.mode & 0o111) !== 0);
    case 'DirectoryNotEmpty': {
      if (found?.type !== 'directory') return 'unmet';
      const names = await host.list(argument);
      if (names.state === 'unreadable') return 'doubt';
      return truth(names.state === 'known' && names.value.length > 0);
    }
    default:
      return 'doubt';
  }
}

const truth = (is: boolean): Answer => (is ? 'met' : 'unmet');
