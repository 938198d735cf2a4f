/**
 * `nachweis once`: a round and a sending, for timers and people. Each is a process of its own, one after the other,
 * so that the memory of the checks and that of the network are never needed together.
 */
import type { Language } from '../../shared/outcome.ts';
import { jsonOf, runChild } from '../child.ts';
import { roundText, sentText } from '../round-text.ts';
import type { RoundSummary } from '../run.ts';
import type { Sent } from '../send.ts';

export interface ReportingOptions {
  readonly state?: string;
  readonly config?: string;
}

/** Arguments for a child: what this process was told, by name. */
export function childArgs(
  command: 'round' | 'send',
  { state, config }: ReportingOptions,
  language: Language,
): string[] {
  return [
    command,
    '--format',
    'json',
    '--lang',
    language,
    ...(state ? ['--state', state] : []),
    ...(config ? ['--config', config] : []),
  ];
}

/** @returns 0 sent, 2 no report could be made, 3 made and kept for later */
export async function once(options: ReportingOptions, language: Language): Promise<number> {
  const made = await runChild(childArgs('round', options, language));
  const summary = jsonOf<RoundSummary>(made);
  // The child has said why, with a code.
  if (made.status !== 0 || !summary) return made.status === 0 ? 2 : made.status;
  process.stdout.write(roundText(summary, language));
  const ended = await runChild([...childArgs('send', options, language), '--now']);
  const sent = jsonOf<Sent>(ended);
  if (sent) process.stdout.write(sentText(sent, language));
  return ended.status;
}
