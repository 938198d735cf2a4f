/** Per host: is it recorded how everything that was taken out of service was erased, and what became of the disks? */
import { type CollectorCheck, type CollectorFacts, judged, type Sentences } from './check.ts';
import { obligationFindings } from './obligation-findings.ts';

interface Row extends Pick<CollectorCheck, 'id' | 'title' | 'why' | 'remedy'> {
  readonly of: 'erasure' | 'disposal';
  readonly say: Sentences;
}

const recorded = ({ of, say, ...words }: Row): CollectorCheck => ({
  ...words,
  severity: 'high',
  evaluate: ({ hosts, obligations, now }: CollectorFacts) =>
    hosts.map((host) => {
      const owed = obligations.filter(({ hostId }) => hostId === host.id);
      return judged(words.id, obligationFindings(owed, of, now), now, say, host.id);
    }),
});

export const erasureRecordedCheck = recorded({
  id: 'collector.erasure-recorded',
  of: 'erasure',
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
  say: {
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
});

/** Under DIN 66399 / ISO/IEC 21964, or by agreement. A VM's volumes are not disposed of. */
export const disposalRecordedCheck = recorded({
  id: 'collector.disposal-recorded',
  of: 'disposal',
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
  say: {
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
});
