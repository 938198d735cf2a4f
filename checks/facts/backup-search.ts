/** What the search for jobs has in hand, and how a single call becomes a job. */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import { type BackupCall, repositoryName } from './backup-call.ts';
import type { FoundJob } from './backup-job.ts';

export interface JobSearch {
  readonly host: Host;
  readonly gaps: Text[];
  /** Texts of scripts, each read once a round. */
  readonly scripts: Map<string, Promise<string | undefined>>;
}

/** Where a call stands, and where its program is looked for. */
export interface CallPlace {
  readonly source: string;
  readonly path: string;
}

/** A script or configuration larger than this is none. */
export const MAX_SCRIPT = 256 * 1024;

export async function toJob({ host }: JobSearch, call: BackupCall, from: CallPlace): Promise<FoundJob> {
  let location = call.repository;
  if (location === undefined && call.repositoryFile?.startsWith('/')) {
    const file = await host.readText(call.repositoryFile, { maxBytes: 4096 });
    if (file.state === 'known') location = file.value.text.trim().split('\n')[0];
  }
  const repository = repositoryName(location);
  const places = call.program.startsWith('/')
    ? [call.program]
    : (call.environment.PATH ?? from.path).split(':').map((directory) => `${directory}/${call.program}`);
  const stats = await Promise.all(
    places.filter((place) => /^\/[^$]*$/.test(place)).map((place) => host.stat(place)),
  );
  const missing = stats.length > 0 && stats.every(({ state }) => state === 'absent');
  return {
    tool: call.tool,
    source: from.source,
    line: call.line,
    call,
    ...(repository === undefined ? {} : { repository }),
    ...(location === undefined ? {} : { location }),
    ...(missing
      ? {
          problem: {
            en: `the program ${call.program} is not where the job looks for it`,
            de: `das Programm ${call.program} fehlt dort, wo der Auftrag es sucht`,
          },
        }
      : {}),
  };
}
