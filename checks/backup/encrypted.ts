/** backup.encrypted: whoever has the repository can't read what is in it. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { hasOption, optionValue } from '../facts/backup-call.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { backupResults, type ProbeResult } from '../facts/backup-result.ts';
import { hostName } from '../facts/host-name.ts';
import { workingJobs } from './no-job.ts';

const WANTED: Text = { en: 'encrypted', de: 'verschlüsselt' };

type Found = { readonly encrypted: boolean | undefined; readonly say: Text };
type Judge = (job: BackupJob, probed: ProbeResult | undefined) => Found;

const OPEN: Text = { en: 'encrypted with an empty password', de: 'mit leerem Passwort verschlüsselt' };

const restic: Judge = ({ call }) =>
  hasOption(call?.options ?? [], '--insecure-no-password')
    ? { encrypted: false, say: OPEN }
    : { encrypted: true, say: { en: 'restic encrypts always', de: 'restic verschlüsselt immer' } };

const borg: Judge = (_job, probed) => {
  const mode = probed?.repository.encryption;
  if (mode === undefined) {
    return {
      encrypted: undefined,
      say: {
        en: 'the kind of encryption is known once the probe has opened the repository (lastSuccess: { probe: ... })',
        de: 'die Art der Verschlüsselung ist bekannt, sobald die Sonde das Repository geöffnet hat (lastSuccess: { probe: ... })',
      },
    };
  }
  // `authenticated` keeps others from changing it, not from reading.
  const encrypted = !/^(?:none|authenticated(?:-.+)?)$/.test(mode);
  return { encrypted, say: { en: `borg, ${mode}`, de: `borg, ${mode}` } };
};

const duplicity: Judge = ({ call }, probed) =>
  hasOption(call?.options ?? [], '--no-encryption') || probed?.repository.encryption === 'none'
    ? { encrypted: false, say: { en: 'duplicity, not encrypted', de: 'duplicity, nicht verschlüsselt' } }
    : {
        encrypted: call?.opaque ? undefined : true,
        say: forKey(call)
          ? {
              en: 'duplicity encrypts for a GnuPG key; its secret half must be kept outside of this system too, or nothing can be restored without it',
              de: 'duplicity verschlüsselt für einen GnuPG-Schlüssel; dessen geheimer Teil muss auch außerhalb dieses Systems liegen, sonst lässt sich ohne das System nichts wiederherstellen',
            }
          : {
              en: 'duplicity encrypts with GnuPG unless told not to',
              de: 'duplicity verschlüsselt mit GnuPG, solange es nicht abgeschaltet wird',
            },
      };

const forKey = (call: BackupJob['call']): boolean =>
  hasOption(call?.options ?? [], '--encrypt-key', '--hidden-encrypt-key', '--encrypt-sign-key');

const rsnapshot: Judge = () => ({
  encrypted: false,
  say: { en: 'rsnapshot keeps plain copies', de: 'rsnapshot hält Kopien im Klartext' },
});

/** With a key it encrypts; without one, and with `sign-only` or `none`, it does not. Its manual, "Encryption". */
const proxmox: Judge = ({ call }) => {
  const options = call?.options ?? [];
  const mode = optionValue(options, '--crypt-mode');
  if (mode === 'none' || mode === 'sign-only')
    return { encrypted: false, say: { en: `--crypt-mode ${mode}`, de: `--crypt-mode ${mode}` } };
  if (hasOption(options, '--keyfile', '--keyfd'))
    return { encrypted: true, say: { en: 'with a key of its own', de: 'mit eigenem Schlüssel' } };
  return {
    encrypted: undefined,
    say: {
      en: 'without --keyfile it encrypts only where a default key was made',
      de: 'ohne --keyfile verschlüsselt es nur, wenn ein Standardschlüssel angelegt wurde',
    },
  };
};

/** By the tool of a job. */
const JUDGES: Readonly<Record<string, Judge>> = {
  restic,
  borg,
  borgmatic: borg,
  duplicity,
  rsnapshot,
  'proxmox-backup-client': proxmox,
};

const untold: Found = {
  encrypted: undefined,
  say: {
    en: 'whether this tool encrypts can not be told from here',
    de: 'ob dieses Werkzeug verschlüsselt, ist von hier aus nicht festzustellen',
  },
};

const bare = (location: string | undefined): string | undefined => location?.replace(/\/+$/, '');

export const encrypted = defineCheck({
  id: 'backup.encrypted',
  title: { en: 'The backup is encrypted', de: 'Die Sicherung ist verschlüsselt' },
  why: {
    en: 'A backup holds the keys and password hashes of the system. Whoever runs or steals the storage must not be able to read them.',
    de: 'Eine Sicherung enthält die Schlüssel und Passwort-Hashes des Systems. Wer den Speicher betreibt oder stiehlt, darf sie nicht lesen können.',
  },
  remedy: {
    en: 'Make a new repository of borg with repokey-blake2 or keyfile-blake2: the mode can not be changed later. restic and duplicity encrypt unless told not to; rsnapshot never does: put its snapshots where nobody else reads them, or use another tool.',
    de: 'Ein neues borg-Repository mit repokey-blake2 oder keyfile-blake2 anlegen: Der Modus lässt sich nachträglich nicht ändern. restic und duplicity verschlüsseln, solange es nicht abgeschaltet wird; rsnapshot nie: dessen Schnappschüsse so ablegen, dass niemand sonst sie liest, oder ein anderes Werkzeug verwenden.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { jobs: backupJobs, results: backupResults, name: hostName },
  appliesTo: always,
  evaluate: ({ jobs, results, name }) => {
    const working = workingJobs(jobs);
    if ('verdict' in working) return working.verdict;
    const files = valueIn(results);
    const own = files.length > 0 ? valueIn(name) : '';
    const probed = (job: BackupJob): ProbeResult | undefined =>
      files
        .flatMap(({ result }) => result ?? [])
        .find(
          ({ host, outcome, repository }) =>
            host === own &&
            outcome.opened &&
            job.repository !== undefined &&
            bare(repository.location) === bare(job.repository),
        );
    const judged = working.jobs.map((job) => ({
      job,
      ...(Object.hasOwn(JUDGES, job.tool) ? (JUDGES[job.tool] ?? (() => untold)) : () => untold)(
        job,
        probed(job),
      ),
    }));
    const show = (wanted: boolean | undefined): Evidence[] =>
      judged
        .filter((each) => each.encrypted === wanted)
        .map(({ job, say }) =>
          evidence({
            source: job.source,
            line: job.line,
            found: {
              en: `${job.repository ?? job.name}: ${say.en}`,
              de: `${job.repository ?? job.name}: ${say.de}`,
            },
            wanted: WANTED,
          }),
        );
    if (show(false).length > 0) return fail(show(false));
    const unclear = judged.find((each) => each.encrypted === undefined);
    if (unclear) {
      const name_ = unclear.job.repository ?? unclear.job.name;
      return unknown(
        { en: `${name_}: ${unclear.say.en}`, de: `${name_}: ${unclear.say.de}` },
        show(undefined),
      );
    }
    return pass(show(true));
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A13',
    'ISO/IEC 27001:2022 A.8.13, A.8.24',
    'borg-init(1), restic design, duplicity(1), rsnapshot(1)',
  ],
  examples: async () => [
    ...(await import('./policy-examples.ts')).encryptedExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.encrypted'),
  ],
});
