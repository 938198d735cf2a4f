/** How backup jobs are shown: one piece of evidence each. */
import type { Evidence, Phrase } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import type { BackupJob } from '../facts/backup-jobs.ts';
import type { Trigger } from '../facts/backup-trigger.ts';

export function jobEvidence(job: BackupJob, wanted: Phrase): Evidence {
  const { tool, name, source, line, repository, problem } = job;
  const where = repository ?? {
    en: 'a repository that could not be told',
    de: 'ein nicht ermittelbares Ziel',
  };
  const to = (language: 'de' | 'en'): string => (typeof where === 'string' ? where : where[language]);
  return evidence({
    source,
    line,
    found: {
      en: `${tool} (${name}) to ${to('en')}${problem ? `: ${problem.en}` : ''}`,
      de: `${tool} (${name}) nach ${to('de')}${problem ? `: ${problem.de}` : ''}`,
    },
    wanted,
  });
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
