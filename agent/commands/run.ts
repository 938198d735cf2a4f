/**
 * `nachweis run`: stays, and makes a round in every interval. This process holds node-cron alone: rounds and
 * sendings are children that end, so what sleeps is small.
 */
import fs from 'node:fs';
import path from 'node:path';
import { schedule } from 'node-cron';
import type { Language } from '../../shared/outcome.ts';
import { EXIT_CHANGEABLE, endChildren, jsonOf, runChild } from '../child.ts';
import { speaker } from '../language.ts';
import { installPlainCalendar } from '../plain-calendar.ts';
import { roundText, sentText } from '../round-text.ts';
import type { RoundSummary } from '../run.ts';
import { firstRound, nextRound, type Schedule } from '../schedule.ts';
import type { Sent } from '../send.ts';
import { stateDirectory } from '../state-directory.ts';
import { childArgs, type ReportingOptions } from './once.ts';

/** Until the first round has said what is configured. */
const DEFAULT_INTERVAL_MS = 3_600_000;

/** Resolves when a signal has ended it. */
export async function run(options: ReportingOptions, language: Language): Promise<number> {
  const resident = new Resident(options, language);
  const stopped = new Promise<void>((resolve) => {
    resident.onRefused = resolve;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  installPlainCalendar();
  // Every ten seconds it looks at the clock: that survives suspends and clocks that are set.
  const task = schedule('*/10 * * * * *', () => resident.tick(), {
    noOverlap: true,
    suppressMissedWarning: true,
  });
  void resident.tick();
  await stopped;
  resident.stopping = true;
  await task.destroy();
  await endChildren();
  process.stdout.write(speaker(language)({ en: 'Ended.\n', de: 'Beendet.\n' }));
  return resident.status;
}

class Resident {
  stopping = false;
  status = 0;
  /** The child has said why. */
  onRefused: () => void = () => undefined;
  readonly #options: ReportingOptions;
  readonly #language: Language;
  readonly #directory: string;
  #intervalMs = DEFAULT_INTERVAL_MS;
  #next: Schedule;
  #busy = false;

  constructor(options: ReportingOptions, language: Language) {
    this.#options = options;
    this.#language = language;
    this.#directory = stateDirectory(options.state);
    const last = this.#read<RoundSummary>('round.json');
    if (last) this.#intervalMs = last.intervalSeconds * 1000;
    this.#next = firstRound(Date.now(), last && Date.parse(last.round), this.#intervalMs);
  }

  async tick(): Promise<void> {
    if (this.#busy || this.stopping) return;
    this.#busy = true;
    try {
      if (Date.now() >= this.#next.at) await this.#round();
      else if (this.#retryDue()) await this.#send();
    } finally {
      this.#busy = false;
    }
  }

  async #round(): Promise<void> {
    const made = await runChild(childArgs('round', this.#options, this.#language));
    if (made.status === EXIT_CHANGEABLE) return this.#refused();
    const summary = made.status === 0 ? jsonOf<RoundSummary>(made) : undefined;
    if (summary) {
      this.#intervalMs = summary.intervalSeconds * 1000;
      process.stdout.write(roundText(summary, this.#language));
    }
    this.#next = nextRound(this.#next, Date.now(), this.#intervalMs, Math.random());
    // What waits from before goes even when this round gave nothing.
    if (!this.stopping) await this.#send();
  }

  #refused(): void {
    this.stopping = true;
    this.status = EXIT_CHANGEABLE;
    this.onRefused();
  }

  async #send(): Promise<void> {
    const ended = await runChild(childArgs('send', this.#options, this.#language));
    const sent = jsonOf<Sent>(ended);
    if (sent) process.stdout.write(sentText(sent, this.#language));
  }

  /** A pause after a failed try is over. What else waits goes with the next round. */
  #retryDue(): boolean {
    const sending = this.#read<{ notBefore: string | null }>('sending.json');
    return sending?.notBefore != null && Date.now() >= Date.parse(sending.notBefore);
  }

  /** Written by our own children in our own directory; anything odd in it is for them to complain about. */
  #read<T>(name: string): T | undefined {
    try {
      return JSON.parse(fs.readFileSync(path.join(this.#directory, name), 'utf8')) as T;
    } catch {
      return undefined;
    }
  }
}
