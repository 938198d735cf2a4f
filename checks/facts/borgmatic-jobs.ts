/** Jobs of borgmatic: one per repository of its configuration files. */
import type { BackupCall } from './backup-call.ts';
import type { FoundJob } from './backup-job.ts';
import { type CallPlace, type JobSearch, MAX_SCRIPT, toJob } from './backup-search.ts';
import { BORGMATIC_FILES, borgmaticCalls } from './borgmatic-config.ts';

export async function borgmaticJobs(
  search: JobSearch,
  call: BackupCall,
  from: CallPlace,
): Promise<FoundJob[]> {
  const found: FoundJob[] = [];
  for (const configuration of await configurationFiles(search, call)) {
    const file = await search.host.readText(configuration, { maxBytes: MAX_SCRIPT });
    if (file.state === 'absent') continue;
    if (file.state === 'unreadable') {
      search.gaps.push(file.reason);
      continue;
    }
    const read = await borgmaticCalls(file.value.text, call);
    if ('problem' in read) {
      const problem = {
        en: `${configuration}: ${read.problem.en}`,
        de: `${configuration}: ${read.problem.de}`,
      };
      found.push({ ...(await toJob(search, call, from)), configuration, problem });
      continue;
    }
    for (const each of read.calls) found.push({ ...(await toJob(search, each, from)), configuration });
  }
  if (found.length > 0) return found;
  const problem = {
    en: 'borgmatic has no configuration file that names a repository',
    de: 'borgmatic hat keine Konfigurationsdatei, die ein Repository nennt',
  };
  return [{ ...(await toJob(search, call, from)), problem }];
}

/** Those named with --config, else the system's and root's own; a directory stands for its files *.yaml and *.yml. */
async function configurationFiles({ host, gaps }: JobSearch, call: BackupCall): Promise<string[]> {
  const named = call.options
    .filter(({ name }) => name === '-c' || name === '--config')
    .flatMap(({ value }) => value ?? []);
  const home = `${call.environment.HOME ?? '/root'}/.config`;
  const places =
    named.length > 0 ? named : [...BORGMATIC_FILES, `${home}/borgmatic/config.yaml`, `${home}/borgmatic.d`];
  const files: string[] = [];
  for (const place of places.slice(0, 20)) {
    const stat = await host.stat(place);
    if (stat.state === 'unreadable') gaps.push(stat.reason);
    if (stat.state !== 'known') continue;
    if (stat.value.type !== 'directory') files.push(place);
    else {
      const names = await host.list(place);
      if (names.state === 'unreadable') gaps.push(names.reason);
      const own = names.state === 'known' ? names.value : [];
      files.push(...own.filter((name) => /^[^.].*\.ya?ml$/.test(name)).map((name) => `${place}/${name}`));
    }
  }
  return files.slice(0, 50);
}
