/** `nachweis probe backup`: opens the declared repositories and leaves what it saw for `check`. Root, own timer. */
import os from 'node:os';
import { recent } from '../../checks/backup/recent.ts';
import { CouldNotLook } from '../../checks/fact.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Language, Text } from '../../shared/outcome.ts';
import { type Probed, probeBackups } from '../backup-probe.ts';
import { readConfig } from '../config.ts';
import { linuxHost } from '../host-linux.ts';
import { speaker } from '../language.ts';
import { mergeParams, policyOfMachine } from '../policy.ts';
import { openState } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';

export interface ProbeCommandOptions {
  readonly format: 'text' | 'json';
  /** Open them all, also those that were opened not long ago. */
  readonly now?: boolean;
}

const HOUR_MS = 3_600_000;

/** @returns 0 when every declared repository could be opened, 1 when one could not */
export async function probe(options: ProbeCommandOptions, language: Language): Promise<number> {
  const probed = await probeBackups({
    host: linuxHost(),
    hostName: os.hostname(),
    now: () => new Date(),
    intervalMs: options.now ? 0 : await intervalMs(),
  }).catch((error: unknown) => {
    if (!(error instanceof CouldNotLook)) throw error;
    throw new CodedError('FILE_UNREADABLE', { path: error.source, problem: error.reason[language] });
  });
  const say = speaker(language);
  const results = probed.map(({ result }) => result);
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else if (probed.length === 0) {
    process.stdout.write(
      say({
        en: 'No repository is declared for probing (/etc/nachweis/backup.d).\n',
        de: 'Kein Repository ist zum Öffnen angegeben (/etc/nachweis/backup.d).\n',
      }),
    );
  } else {
    for (const each of probed) process.stdout.write(`${each.result.job}: ${say(wordsFor(each))}\n`);
  }
  return results.every(({ outcome }) => outcome.opened) ? 0 : 1;
}

function wordsFor({ result: { outcome, at }, notBefore }: Probed): Text {
  const newest = outcome.opened ? outcome.newest[0]?.at : undefined;
  const seen = outcome.opened
    ? {
        en: `opened, newest snapshot ${newest ?? 'none'}`,
        de: `geöffnet, jüngster Schnappschuss ${newest ?? 'keiner'}`,
      }
    : { en: `could not be opened (${outcome.problem})`, de: `nicht zu öffnen (${outcome.problem})` };
  if (notBefore === undefined) return seen;
  return {
    en: `${seen.en}, seen at ${at}; not again before ${notBefore} (--now does)`,
    de: `${seen.de}, gesehen um ${at}; nicht wieder vor ${notBefore} (mit --now schon)`,
  };
}

/** A tenth of the time within which a backup must be made, as backup.recent judges it here. */
async function intervalMs(): Promise<number> {
  const config = await readConfig();
  const policy = await policyOfMachine(() => openState(stateDirectory()), new Date());
  const params = mergeParams(config.params, policy.params)['backup.recent'] ?? {};
  const { rpoHours } = recent.params.parse(params) as { rpoHours: number };
  return (rpoHours * HOUR_MS) / 10;
}
