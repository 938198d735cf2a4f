/** The sentences of alerts: why one was opened, kept or resolved. */
import type { Text } from './outcome.ts';

const text = (de: string, en: string): Text => ({ de, en });
const moment = (instant: string) => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

// Checks
export const startedToFail = text('Die Prüfung wurde nicht bestanden.', 'The check has started to fail.');
export const failsAgain = text('Die Prüfung wurde wieder nicht bestanden.', 'The check fails again.');
export const passes = text('Die Prüfung ist wieder bestanden.', 'The check passes.');
export const notApplicable = text(
  'Die Prüfung ist nicht mehr anwendbar.',
  'The check is not applicable any more.',
);
export const notKnown = text(
  'Das Ergebnis ist nicht ermittelbar; der Alarm bleibt bestehen.',
  'The outcome is not known; the alert stays.',
);
export const inSummary = text(
  'Im Sammelalarm des ersten Berichts enthalten.',
  'Counted in the summary of the first report.',
);
export const failsFromTheStart = (count: number) =>
  count === 1
    ? text(
        'Schon im ersten Bericht ist eine Prüfung nicht bestanden.',
        'One check fails in the first report already.',
      )
    : text(
        `Schon im ersten Bericht sind ${count} Prüfungen nicht bestanden.`,
        `${count} checks fail in the first report already.`,
      );
export const noneFailsAnyMore = text(
  'Alle genannten Prüfungen sind bestanden oder nicht mehr anwendbar.',
  'None of the checks named fails any more.',
);

// Silence
export const silentSince = (lastSignAt: string, intervalSeconds: number) =>
  text(
    `Seit ${moment(lastSignAt)} kein Bericht; erwartet wird einer alle ${duration(intervalSeconds).de}.`,
    `No report since ${moment(lastSignAt)}; one is expected every ${duration(intervalSeconds).en}.`,
  );
export const silentAgain = text('Das System schweigt wieder.', 'The host is silent again.');
export const heardAgain = text('Das System berichtet wieder.', 'The host reports again.');
export const notSilent = text('Das System berichtet.', 'The host reports.');
export const wasDown = text(
  'Der Kollektor war selbst nicht erreichbar; die Agenten haben noch Zeit.',
  'The collector itself could not be reached; agents still have time.',
);
export const retired = text('Das System wurde außer Betrieb genommen.', 'The host was retired.');
export const inQuarantine = text(
  'Das System ist in Quarantäne; seine Berichte werden nicht angenommen.',
  'The host is in quarantine; its reports are not accepted.',
);
export const contractOver = text('Der Leistungsumfang ist beendet.', 'The contract has ended.');
export const noAgentSince = (since: string) =>
  text(
    `Im Leistungsumfang seit ${moment(since)}, aber kein Agent ist angemeldet.`,
    `In the contract since ${moment(since)}, but no agent is enrolled.`,
  );
export const enrolledNow = text('Ein Agent ist angemeldet.', 'An agent is enrolled.');
export const notOwedYet = text(
  'Der erste Tag im Leistungsumfang läuft noch.',
  'Its first day in the contract is running.',
);

export const manySilent = text(
  'Viele Systeme auf einmal berichten nicht; weitere werden nicht einzeln gemeldet. Netz und Kollektor prüfen; welche es sind, zeigt das Dashboard.',
  'Many hosts at once do not report; further ones are not told one by one. Look at the network and the collector; the dashboard shows which.',
);
export const noMoreSilent = text(
  'Es kommen keine weiteren hinzu; welche Systeme noch schweigen, zeigt das Dashboard.',
  'No more are joining them; the dashboard shows those that are still silent.',
);

// Events
export const rolledBack = (from: number, to: number) =>
  text(
    `Die Maschine wurde zurückgesetzt: Sie kannte nur Berichte bis Nummer ${from} und fährt mit ${to} fort.`,
    `The machine was rolled back: it knew reports up to number ${from} and goes on with ${to}.`,
  );
export const gap = (codes: readonly string[]) =>
  text(
    `Der Agent musste Berichte beiseitelegen, die endgültig abgelehnt wurden (${codes.join(', ')}).`,
    `The agent had to set aside reports that were refused for good (${codes.join(', ')}).`,
  );
export const cloned = text(
  'Unter dem Schlüssel dieses Systems berichten zwei Maschinen; es ist jetzt in Quarantäne.',
  'Two machines report under the key of this host; it is in quarantine now.',
);
export const released = text('Die Quarantäne wurde aufgehoben.', 'The quarantine was lifted.');
export const notAgain = text(
  'Seit 24 Stunden nicht wieder vorgekommen.',
  'Has not happened again for 24 hours.',
);

// Flapping
export const flappingNote = text(
  'Dieser Alarm kommt und geht; weitere Wechsel werden erst gemeldet, wenn sechs Stunden Ruhe war.',
  'This alert comes and goes; further changes are not sent before six quiet hours.',
);
export const settling = text('Ruhig, aber noch nicht lange genug.', 'Quiet, but not for long enough yet.');
export const settled = text('Seit sechs Stunden ruhig.', 'Quiet for six hours.');

// Channels
export const channelFails = (name: string) =>
  text(
    `Über den Kanal „${name}“ kommen keine Meldungen mehr an.`,
    `Messages do not get through on channel “${name}” any more.`,
  );
export const channelWorks = text('Meldungen kommen wieder an.', 'Messages get through again.');
export const channelGone = text(
  'Der Kanal ist nicht mehr eingerichtet.',
  'The channel is not configured any more.',
);

export const alreadyOpen = text('Der Alarm ist schon offen.', 'The alert is open already.');
export const noAlert = text('Es ist kein Alarm offen.', 'No alert is open.');

function duration(seconds: number): Text {
  if (seconds % 3600 === 0)
    return seconds === 3600
      ? text('1 Stunde', 'hour')
      : text(`${seconds / 3600} Stunden`, `${seconds / 3600} hours`);
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? text('1 Minute', 'minute') : text(`${minutes} Minuten`, `${minutes} minutes`);
}
