/** `nachweis enrol`: takes the string from the collector and makes this machine a host there, in visible stages. */
import fs from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { factGetter } from '../../checks/evaluate.ts';
import { redact } from '../../checks/evidence.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Language } from '../../shared/outcome.ts';
import { RefusedByCollector } from '../collector.ts';
import { readConfig } from '../config.ts';
import { type EnrolStage, enrol, enrolledAt } from '../enrol.ts';
import { linuxHost } from '../host-linux.ts';
import { withIdentity } from '../identity.ts';
import { speaker } from '../language.ts';
import { withLock } from '../lock.ts';
import { readMachine } from '../machine.ts';
import { networkOf } from '../network/settings.ts';
import { openState } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';

export interface EnrolCommandOptions {
  readonly text?: string | undefined;
  readonly file?: string;
  readonly again?: boolean;
  /** Nothing to do where this machine is enrolled at that very collector. */
  readonly ifNeeded?: boolean;
  readonly state?: string;
  readonly config?: string;
}

/** An enrolment string has about 130 characters. */
const MAX_TEXT = 4096;

export async function enrolCommand(options: EnrolCommandOptions, language: Language): Promise<number> {
  const text = await readText(options, language);
  const state = openState(stateDirectory(options.state), { create: true });
  const enrolled = options.ifNeeded ? enrolledAt(state, text) : undefined;
  if (enrolled) {
    const { name, collector } = enrolled;
    const say = speaker(language);
    process.stdout.write(
      say({
        en: `Already enrolled as ${name} at ${collector}; nothing to do.\n`,
        de: `Bereits als ${name} bei ${collector} angemeldet; nichts zu tun.\n`,
      }),
    );
    return 0;
  }
  const config = await readConfig(options.config);
  const host = linuxHost();
  const now = new Date();
  const machine = await withIdentity(await readMachine(host, factGetter(host, now)), host);
  try {
    await withLock(state.file('enrol.lock'), 0, () =>
      enrol({
        state,
        text,
        again: options.again ?? false,
        machine,
        intervalSeconds: config.interval,
        clock: () => new Date(),
        language,
        network: networkOf(config, process.env),
        addresses: config.addresses,
        onStage: (stage) => process.stdout.write(stageText(stage, state.directory, language)),
      }),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof RefusedByCollector)) throw error;
    const { code, message, next } = error.refusal;
    // The collector's words on somebody's terminal.
    process.stderr.write(`${redact(code)}: ${redact(message)} ${redact(next)}\n`);
    return 2;
  }
}

/** From the file, the environment, the argument, or standard input; in this order. */
async function readText({ text, file }: EnrolCommandOptions, language: Language): Promise<string> {
  const say = speaker(language);
  if (file !== undefined) return readFile(file);
  if (process.env.NACHWEIS_ENROL) return process.env.NACHWEIS_ENROL;
  if (text !== undefined) {
    process.stderr.write(
      say({
        en: 'Warning: as an argument the string is seen by every user of this machine; standard input hides it.\n',
        de: 'Warnung: Als Argument sieht jeder Benutzer dieser Maschine die Zeichenkette; über die Standardeingabe nicht.\n',
      }),
    );
    return text;
  }
  if (process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await terminal.question(say({ en: 'Enrolment string: ', de: 'Anmeldezeichenkette: ' }));
    } finally {
      terminal.close();
    }
  }
  let read = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    read += chunk;
    if (read.length > MAX_TEXT) break;
  }
  return read;
}

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').slice(0, MAX_TEXT);
  } catch (error) {
    const problem = String((error as NodeJS.ErrnoException).code);
    throw new CodedError('FILE_UNREADABLE', { path: file, problem }, { cause: error });
  }
}

function stageText(stage: EnrolStage, directory: string, language: Language): string {
  const say = speaker(language);
  switch (stage.stage) {
    case 'trusted':
      return say({
        en: `1/3  ${stage.collector} has the keys that the string names (fingerprint ${stage.fingerprint.slice(0, 16)}…).\n`,
        de: `1/3  ${stage.collector} hat die Schlüssel, die die Zeichenkette nennt (Fingerabdruck ${stage.fingerprint.slice(0, 16)}…).\n`,
      });
    case 'key':
      return say({
        en: `2/3  The key of this machine is in ${stage.file}; it never leaves it.\n`,
        de: `2/3  Der Schlüssel dieser Maschine liegt in ${stage.file}; er verlässt sie nie.\n`,
      });
    case 'enrolled': {
      const { name, tenant, host } = stage.enrolment;
      return say({
        en: `3/3  Enrolled as ${name} of tenant ${tenant} (${host}).\n\nNext: nachweis once${stateHint(directory)} sends the first report.\n`,
        de: `3/3  Angemeldet als ${name} des Auftraggebers ${tenant} (${host}).\n\nWeiter: nachweis once${stateHint(directory)} sendet den ersten Bericht.\n`,
      });
    }
  }
}

const stateHint = (directory: string): string =>
  directory === stateDirectory() ? '' : ` --state ${directory}`;
