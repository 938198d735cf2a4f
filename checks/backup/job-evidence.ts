/** How backup jobs are shown: one piece of evidence each. */
import type { Evidence, Phrase, Text } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import type { Trigger } from '../facts/backup-trigger.ts';

export function jobEvidence(job: BackupJob, wanted: Phrase): Evidence {
  const { tool, name, source, line, repository, problem } = job;
  if (name === source) return evidence({ source, line, found: problem ?? placed(tool, repository), wanted });
  const place = placed(`${tool} (${name})`, repository);
  return evidence({
    source,
    line,
    found: problem ? { en: `${place.en}: ${problem.en}`, de: `${place.de}: ${problem.de}` } : place,
    wanted,
  });
}

function placed(what: string, repository: string | undefined): Text {
  return repository === undefined
    ? { en: `${what}, repository not to be told`, de: `${what}, Ziel nicht ermittelbar` }
    : { en: `${what}, repository ${repository}`, de: `${what}, Ziel ${repository}` };
}

export function triggerEvidence(job: BackupJob, trigger: Trigger, wanted: Phrase): Evidence {
  const { source, line, schedule, problem } = trigger;
  return evidence({
    source,
    line,
    found: {
      en: `${job.name}: ${schedule || '-'}${problem ? `: ${problem.en}` : ''}`,
      de: `${job.name}: ${schedule || '-'}${problem ? `: ${problem.de}` : ''}`,
    },
    wanted,
  });
}
