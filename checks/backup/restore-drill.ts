/**
 * backup.restore-drill: restoring was tried in earnest not long ago, and what came back was right. Judged on the host by what
 * its own drills left there, which nobody but root can write; the collector holds the same drills with the host's signature,
 * and shows those.
 */
import { z } from 'zod';
import { DRILL_DAYS, type Drill, drillTotal } from '../../shared/drill.ts';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { backupDrills, type DrillFile, type DrillSeen } from '../facts/backup-drill.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { hostName } from '../facts/host-name.ts';
import { workingJobs } from './no-job.ts';

const DAY_MS = 86_400_000;
const CLOCK_MS = 5 * 60_000;

interface Judged {
  readonly outcome: 'pass' | 'fail' | 'unknown' | 'old';
  readonly evidence: Evidence;
  readonly reason?: Text;
}

/** `24 files, 1234567 bytes in 42.0 s`: numbers that read the same in both languages, but for the words. */
function measured(drill: Drill): Text {
  const { bytes, milliseconds } = drill;
  const seconds = (milliseconds.restored / 1000).toFixed(1);
  const total = drillTotal(drill);
  return {
    en: `${total} files, ${bytes} bytes in ${seconds} s`,
    de: `${total} Dateien, ${bytes} Bytes in ${seconds.replace('.', ',')} s`,
  };
}

const asked = ({ sample }: Drill): Text =>
  sample.named.length > 0
    ? { en: sample.named.slice(0, 5).join(', '), de: sample.named.slice(0, 5).join(', ') }
    : { en: 'sample of the configuration', de: 'Stichprobe der Konfiguration' };

function foundIn(drill: Drill): Text {
  const { at, job, tool, files, attributes } = drill;
  const numbers = measured(drill);
  const what = asked(drill);
  const bad = files.different + files.damaged + files.missing;
  const off = attributes ? attributes.mode + attributes.owner + attributes.time : 0;
  const came: Text =
    drill.outcome === 'equal'
      ? { en: 'all equal', de: 'alle gleich' }
      : bad > 0
        ? { en: `${bad} of them not`, de: `${bad} davon nicht` }
        : off > 0
          ? {
              en: `not as on this host: ${attributes?.mode} modes, ${attributes?.owner} owners, ${attributes?.time} times`,
              de: `nicht wie auf diesem System: ${attributes?.mode} Modi, ${attributes?.owner} Eigentümer, ${attributes?.time} Zeiten`,
            }
          : { en: 'nothing that could be restored', de: 'nichts, was sich wiederherstellen ließ' };
  return {
    en: `${job} (${tool}), ${at}: ${what.en}, ${numbers.en}, ${came.en}`,
    de: `${job} (${tool}), ${at}: ${what.de}, ${numbers.de}, ${came.de}`,
  };
}

function judgeFile({ source, drills, problem }: DrillSeen, host: string, days: number, now: number): Judged {
  const wanted: Text = {
    en: `restored and equal within ${days} days`,
    de: `innerhalb von ${days} Tagen wiederhergestellt und gleich`,
  };
  const doubt = (reason: Text): Judged => ({
    outcome: 'unknown',
    reason: { en: `${source}: ${reason.en}`, de: `${source}: ${reason.de}` },
    evidence: evidence({ source, found: reason, wanted }),
  });
  if (!drills) return doubt(problem ?? { en: 'not readable', de: 'nicht lesbar' });
  if (drills.host !== host) {
    return doubt({
      en: `it was written on another system (${drills.host})`,
      de: `sie stammt von einem anderen System (${drills.host})`,
    });
  }
  const { conclusive } = drills;
  if (!conclusive) return doubt(neverEnded(drills));
  const { drill, record } = conclusive;
  const piece = evidence({ source, found: foundIn(drill), wanted });
  const at = Date.parse(drill.at);
  if (at > now + CLOCK_MS)
    return doubt({
      en: `the drill is from the future (${drill.at})`,
      de: `die Probe stammt aus der Zukunft (${drill.at})`,
    });
  if (drill.outcome !== 'equal') return { outcome: 'fail', evidence: piece };
  if (at < now - days * DAY_MS) return { outcome: 'old', evidence: piece };
  if (record === null) {
    return doubt({
      en: 'the drill was not signed, because this system was not enrolled then',
      de: 'die Probe wurde nicht signiert, weil dieses System damals nicht angemeldet war',
    });
  }
  return { outcome: 'pass', evidence: piece };
}

const neverEnded = ({ latest }: DrillFile): Text => ({
  en: `the drill of ${latest.drill.at} came to no result (${latest.drill.problem ?? latest.drill.outcome}); nachweis drill restore says why`,
  de: `die Probe vom ${latest.drill.at} kam zu keinem Ergebnis (${latest.drill.problem ?? latest.drill.outcome}); nachweis drill restore nennt den Grund`,
});

export const restoreDrill = defineCheck({
  id: 'backup.restore-drill',
  title: {
    en: 'Restoring was tried not long ago, and worked',
    de: 'Die Wiederherstellung wurde vor Kurzem geprobt und gelang',
  },
  why: {
    en: 'A backup is worth what can be restored from it. Whether that works, and how long it takes, shows only when it is done; Art. 32 (1) (c) GDPR asks for it.',
    de: 'Eine Sicherung ist so viel wert, wie sich aus ihr wiederherstellen lässt. Ob das gelingt und wie lange es dauert, zeigt nur der Versuch; Art. 32 Abs. 1 lit. c DSGVO verlangt es.',
  },
  remedy: {
    en: 'Run nachweis drill restore as root, by hand or from a monthly timer. It restores a sample to a private directory, compares it, deletes it, and records the result. If it was not equal, its output names the files.',
    de: 'nachweis drill restore als root ausführen, von Hand oder monatlich über einen Timer. Es stellt eine Stichprobe in einem privaten Verzeichnis wieder her, vergleicht, löscht sie und hält das Ergebnis fest. War sie nicht gleich, nennt die Ausgabe die Dateien.',
  },
  severity: 'medium',
  params: z.strictObject({ days: z.number().positive().max(3660).default(DRILL_DAYS) }),
  needs: { drills: backupDrills, jobs: backupJobs, name: hostName },
  appliesTo: always,
  evaluate: ({ drills, jobs, name }, { days }, now) => {
    const working = workingJobs(jobs);
    if ('verdict' in working) return working.verdict;
    const files = valueIn(drills);
    if (files.length === 0) return never(days);
    const host = valueIn(name);
    const judged = files.map((file) => judgeFile(file, host, days, now.getTime()));
    const show = (outcome: Judged['outcome']) =>
      judged.filter((each) => each.outcome === outcome).map((each) => each.evidence);
    if (show('fail').length > 0) return fail(show('fail'));
    if (show('pass').length > 0) return pass(show('pass'));
    const unclear = judged.find(({ outcome }) => outcome === 'unknown');
    if (unclear?.reason) return unknown(unclear.reason, show('unknown'));
    return fail(show('old'));
  },
  references: ['GDPR Art. 32 (1) (c), (d)', 'BSI IT-Grundschutz: CON.3.A12', 'ISO/IEC 27001:2022 A.8.13'],
  examples: async () => (await import('./restore-drill-examples.ts')).restoreDrillExamples,
});

const never = (days: number): Verdict =>
  fail([
    evidence({
      source: 'nachweis drill restore',
      found: { en: 'no drill yet', de: 'noch keine Probe' },
      wanted: {
        en: `restored and equal within ${days} days`,
        de: `innerhalb von ${days} Tagen wiederhergestellt und gleich`,
      },
    }),
  ]);
