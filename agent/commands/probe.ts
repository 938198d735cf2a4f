/** `nachweis probe backup`: opens the declared repositories and leaves what it saw for `check`. Root, own timer. */
import os from 'node:os';
import { CouldNotLook } from '../../checks/fact.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Language } from '../../shared/outcome.ts';
import { probeBackups } from '../backup-probe.ts';
import { linuxHost } from '../host-linux.ts';
import { speaker } from '../language.ts';

export interface ProbeCommandOptions {
  readonly format: 'text' | 'json';
}

/** @returns 0 when every declared repository could be opened, 1 when one could not */
export async function probe(options: ProbeCommandOptions, language: Language): Promise<number> {
  const results = await probeBackups({
    host: linuxHost(),
    hostName: os.hostname(),
    now: () => new Date(),
  }).catch((error: unknown) => {
    if (!(error instanceof CouldNotLook)) throw error;
    throw new CodedError('FILE_UNREADABLE', { path: error.source, problem: error.reason[language] });
  });
  const say = speaker(language);
  const opened = (result: (typeof results)[number]) => result.outcome.opened;
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else if (results.length === 0) {
    process.stdout.write(
      say({
        en: 'No repository is declared for probing (/etc/nachweis/backup.d).\n',
        de: 'Kein Repository ist zum Öffnen angegeben (/etc/nachweis/backup.d).\n',
      }),
    );
  } else {
    for (const result of results) {
      const { outcome } = result;
      const newest = outcome.opened ? outcome.newest[0]?.at : undefined;
      const words = outcome.opened
        ? say({
            en: `opened, newest snapshot ${newest ?? 'none'}`,
            de: `geöffnet, jüngster Snapshot ${newest ?? 'keiner'}`,
          })
        : say({ en: `could not be opened (${outcome.problem})`, de: `nicht zu öffnen (${outcome.problem})` });
      process.stdout.write(`${result.job}: ${words}\n`);
    }
  }
  return results.every(opened) ? 0 : 1;
}
