/** Per host: is the erasure of everything that was taken out of service recorded? */
import { type CollectorCheck, type CollectorFacts, judged } from './check.ts';
import { obligationFindings } from './obligation-findings.ts';

const ID = 'collector.erasure-recorded';

export const erasureRecordedCheck: CollectorCheck = {
  id: ID,
  title: {
    de: 'Die Löschung außer Betrieb genommener Datenträger ist nachgewiesen',
    en: 'The erasure of media taken out of service is recorded',
  },
  why: {
    de: 'Was auf einem ausgemusterten Datenträger oder Volume liegen bleibt, kann jeder lesen, der es als Nächstes bekommt.',
    en: 'What is left on a retired disk or volume can be read by whoever gets it next.',
  },
  remedy: {
    de: 'Den Löschnachweis für die genannten Seriennummern oder Volumes eintragen (nachweis decommission auf dem System oder seine Seite im Dashboard gibt ein Formular vor), dann: nachweis-collector record add DATEI oder host close.',
    en: 'Record the erasure of the serial numbers or volumes named (nachweis decommission on the host, or its page in the dashboard, has a form), then: nachweis-collector record add FILE, or host close.',
  },
  severity: 'high',
  evaluate: ({ hosts, obligations, now }: CollectorFacts) =>
    hosts.map((host) =>
      judged(
        ID,
        obligationFindings(
          obligations.filter(({ hostId }) => hostId === host.id),
          'erasure',
          now,
        ),
        now,
        {
          none: {
            de: 'Nichts wurde außer Betrieb genommen; was fehlt, ist in anderen Systemen des Auftraggebers in Betrieb.',
            en: 'Nothing was taken out of service; what is missing is in use in other hosts of the tenant.',
          },
          unknown: (count, total) => ({
            de: `Für ${count} von ${total} Datenträgern oder Volumes steht der Löschnachweis noch aus; die Frist läuft.`,
            en: `The erasure of ${count} of ${total} disks or volumes is not recorded yet; the time allowed is running.`,
          }),
          fail: (count, total) => ({
            de: `Für ${count} von ${total} Datenträgern oder Volumes fehlt der Löschnachweis nach Ablauf der Frist.`,
            en: `The erasure of ${count} of ${total} disks or volumes is not recorded, and the time allowed is over.`,
          }),
          pass: (total) => ({
            de: `Für ${total === 1 ? 'den Datenträger oder das Volume' : `alle ${total} Datenträger oder Volumes`} liegt ein Löschnachweis vor.`,
            en: `The erasure of ${total === 1 ? 'the one disk or volume' : `all ${total} disks or volumes`} is recorded.`,
          }),
        },
        host.id,
      ),
    ),
};
