/** The sentences in which a clause's status says what it rests on. */
import type { RecordType } from './catalogue.ts';
import { type Floor, formatFloor } from './floor.ts';
import type { Freshness } from './freshness.ts';
import { freshForMs } from './freshness.ts';
import type { ParamValue, Text } from './outcome.ts';

const text = (de: string, en: string): Text => ({ de, en });

/** `2026-06-15 12:00 UTC`: the same in both languages, and never without its zone. */
const moment = (instant: string) => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

export const passed = text('bestanden', 'passed');
export const failed = text('nicht bestanden', 'failed');
export const notApplicable = text('nicht anwendbar', 'not applicable');
export const couldNotLook = text('nicht ermittelbar', 'could not be determined');

export const notInThisVersion = text(
  'Diese Prüfung gibt es in dieser Version noch nicht.',
  'This check does not exist in this version yet.',
);
export const notComputed = text(
  'Der Kollektor hat zu dieser Prüfung kein Ergebnis.',
  'The collector has no result for this check.',
);
export const noAgent = text(
  'Für dieses System ist kein Agent angemeldet.',
  'No agent is enrolled for this host.',
);
export const agentRetired = (at: string) =>
  text(`Der Agent wurde am ${moment(at)} außer Betrieb genommen.`, `The agent was retired on ${moment(at)}.`);
export const neverReported = text(
  'Der Agent ist angemeldet, hat aber noch nie berichtet.',
  'The agent is enrolled but has never reported.',
);
export const notInReport = text(
  'Der letzte Bericht enthält diese Prüfung nicht.',
  'The last report does not contain this check.',
);
export const quarantined = text(
  'Unter dem Schlüssel dieses Systems berichten zwei Maschinen; bis zur Klärung beweist kein Ergebnis etwas.',
  'Two machines report under the key of this host; until that is settled no result proves anything.',
);

export function notFresh(
  age: Exclude<Freshness, 'fresh'>,
  receivedAt: string | null,
  intervalSeconds: number,
): Text {
  if (receivedAt === null || age === 'never') return neverReported;
  if (age === 'ahead')
    return text(
      `Der letzte Bericht trägt eine Empfangszeit in der Zukunft (${moment(receivedAt)}); die Uhr des Kollektors prüfen.`,
      `The last report was received in the future (${moment(receivedAt)}); look at the collector's clock.`,
    );
  const hours = Math.round(freshForMs(intervalSeconds) / 360_000) / 10;
  return text(
    `Veraltet: letzter Bericht vom ${moment(receivedAt)}, er zählt ${String(hours).replace('.', ',')} h.`,
    `Stale: the last report is of ${moment(receivedAt)} and counts for ${hours} h.`,
  );
}

export const staleFail = (receivedAt: string | null) =>
  text(
    `Zuletzt nicht bestanden (Bericht vom ${receivedAt ? moment(receivedAt) : '–'}); seither kein neuer Bericht, der anderes zeigt.`,
    `Failed when last seen (report of ${receivedAt ? moment(receivedAt) : '–'}); no report since then shows otherwise.`,
  );
export const staleFailWaived = (receivedAt: string | null) =>
  text(
    `Zuletzt nicht bestanden, Ausnahme genehmigt; der Bericht vom ${receivedAt ? moment(receivedAt) : '–'} ist jedoch veraltet.`,
    `Failed when last seen, and waived; but the report of ${receivedAt ? moment(receivedAt) : '–'} is stale.`,
  );
export const waived = (until: string | null) =>
  text(
    `Ausnahme genehmigt bis ${until ? moment(until) : '–'}.`,
    `An exception is approved until ${until ? moment(until) : '–'}.`,
  );

export function belowFloor(
  weak: readonly { name: string; value: ParamValue | undefined; floor: Floor }[],
): Text {
  const said = (absent: string) =>
    weak
      .map(
        ({ name, value, floor }) =>
          `${name} = ${value === undefined ? absent : JSON.stringify(value)} (${formatFloor(floor)})`,
      )
      .join('; ');
  return text(
    `Mit schwächeren Vorgaben geprüft, als die Maßnahme zulässt, und dafür ist keine Ausnahme genehmigt: ${said('nicht genannt')}.`,
    `Judged with weaker parameters than the clause allows, and no exception is approved for that: ${said('not stated')}.`,
  );
}

const recordNames: Record<RecordType, Text> = {
  attestation: text('Bestätigung', 'attestation'),
  grant: text('Zugriffsfreigabe', 'grant'),
  waiver: text('Ausnahme', 'waiver'),
  instruction: text('Weisung', 'instruction'),
  drill: text('Wiederherstellungstest', 'restore drill'),
  erasure: text('Löschnachweis', 'record of erasure'),
  disposal: text('Entsorgungsnachweis', 'record of disposal'),
  'spot-check': text('Stichprobe', 'spot check'),
};

export const notRecorded = (type: RecordType) =>
  text(
    `Noch kein Nachweisdokument hinterlegt (${recordNames[type].de}).`,
    `No record yet (${recordNames[type].en}).`,
  );
export const recorded = (at: string, until: string | null) =>
  text(
    `Nachweisdokument vom ${moment(at)}${until ? `, gültig bis ${moment(until)}` : ''}.`,
    `Recorded on ${moment(at)}${until ? `, valid until ${moment(until)}` : ''}.`,
  );
export const recordEnded = (at: string) =>
  text(
    `Das Nachweisdokument gilt seit ${moment(at)} nicht mehr.`,
    `The record ceased to hold on ${moment(at)}.`,
  );

// Conditions of a clause
export const atCustomer = text(
  'Das System steht beim Auftraggeber; dort ist er verantwortlich.',
  'The host stands on the customer’s premises, where the customer answers for this.',
);
export const customerAnswers = text(
  'Dafür ist der Auftraggeber verantwortlich.',
  'The customer answers for this.',
);
export const otherSite = text(
  'Betrifft Systeme an einem anderen Standort.',
  'Concerns hosts at another site.',
);
export const otherKind = (kind: 'server' | 'vm') =>
  kind === 'server'
    ? text('Betrifft nur physische Server.', 'Concerns physical servers only.')
    : text('Betrifft nur virtuelle Maschinen.', 'Concerns virtual machines only.');
export const kindUnknown = text(
  'Ob physischer Server oder virtuelle Maschine, ist weder festgelegt noch erkannt worden.',
  'Whether this is a physical server or a virtual machine was neither set nor detected.',
);
export const contractUnknown = text(
  'Das System steht nicht im Leistungsumfang; ob die Maßnahme dafür geschuldet ist, ist offen.',
  'The host is not in the contract; whether the clause is owed for it is open.',
);
export const notCommissioned = (service: 'backup' | 'patch') =>
  service === 'backup'
    ? text('Die Sicherung wurde nicht beauftragt.', 'Backup was not commissioned.')
    : text('Das Patchmanagement wurde nicht beauftragt.', 'Patch management was not commissioned.');
export const noEvent = text(
  'Bisher kein Anlass: nichts wurde außer Betrieb genommen.',
  'No occasion so far: nothing was taken out of service.',
);
export const eventNotWatched = text(
  'Diese Version erkennt noch nicht, ob Datenträger ausgebaut wurden.',
  'This version does not see yet whether disks were removed.',
);
export const noHost = text('Noch kein System im Leistungsumfang.', 'No host is in the contract yet.');
export const nothingDecides = text(
  'Der Katalog nennt nichts, was diese Maßnahme nachweisen könnte.',
  'The catalogue names nothing that could prove this clause.',
);
