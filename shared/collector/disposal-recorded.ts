/** Per host: is it recorded what became of the disks that left, under DIN 66399 / ISO/IEC 21964 or by agreement? */
import { type CollectorCheck, type CollectorFacts, judged } from './check.ts';
import { obligationFindings } from './obligation-findings.ts';

const ID = 'collector.disposal-recorded';

export const disposalRecordedCheck: CollectorCheck = {
  id: ID,
  title: {
    de: 'Die Entsorgung ausgebauter Datenträger ist nachgewiesen',
    en: 'The disposal of removed disks is recorded',
  },
  why: {
    de: 'Ein defekter Datenträger lässt sich oft nicht mehr löschen, aber im Labor noch lesen; erst seine Vernichtung macht die Daten unzugänglich.',
    en: 'A defective disk often can not be erased any more but can still be read in a laboratory; only its destruction puts the data out of reach.',
  },
  remedy: {
    de: 'Die Bescheinigung der Fachfirma (mindestens Schutzklasse 2, Sicherheitsstufe 4, Kennbuchstabe H oder E) oder die Absprache mit dem Auftraggeber zur Gewährleistung eintragen: nachweis-collector record add DATEI.',
    en: "Record the specialist firm's certificate (at least protection class 2, security level 4, letter H or E), or the agreement with the customer on a disk under warranty: nachweis-collector record add FILE.",
  },
  severity: 'high',
  evaluate: ({ hosts, obligations, now }: CollectorFacts) =>
    hosts.map((host) =>
      judged(
        ID,
        obligationFindings(
          obligations.filter(({ hostId, kind }) => hostId === host.id && kind === 'server'),
          'disposal',
          now,
        ),
        now,
        {
          none: { de: 'Kein Datenträger wurde entsorgt.', en: 'No disk was disposed of.' },
          unknown: (count, total) => ({
            de: `Für ${count} von ${total} Datenträgern steht der Entsorgungsnachweis noch aus; die Frist läuft.`,
            en: `The disposal of ${count} of ${total} disks is not recorded yet; the time allowed is running.`,
          }),
          fail: (count, total) => ({
            de: `Für ${count} von ${total} Datenträgern fehlt der Entsorgungsnachweis nach Ablauf der Frist.`,
            en: `The disposal of ${count} of ${total} disks is not recorded, and the time allowed is over.`,
          }),
          pass: (total) => ({
            de: `Für ${total === 1 ? 'den Datenträger' : `alle ${total} Datenträger`} liegt ein Entsorgungsnachweis vor.`,
            en: `The disposal of ${total === 1 ? 'the one disk' : `all ${total} disks`} is recorded.`,
          }),
        },
        host.id,
      ),
    ),
};
