/** What can be looked at without the network: the program, the state directory and what lies in it. */
import fs from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { CodedError } from '../../shared/errors.ts';
import { listState, stateSize } from '../durable.ts';
import { readKey } from '../key.ts';
import { refuseChangeable } from '../own-files.ts';
import { describePolicy, storedPolicy } from '../policy.ts';
import { openSpool } from '../spool.ts';
import { type Enrolment, openState, readEnrolment, type State } from '../state.ts';
import { agentVersion } from '../version.ts';
import { type Finding, fail, ofError, ok, same, warn } from './finding.ts';

export function lookAtProgram(): Finding[] {
  const who = process.geteuid?.() === 0 ? 'root' : `uid ${process.geteuid?.()}`;
  const findings: Finding[] = [];
  try {
    refuseChangeable();
    findings.push(
      ok('program', { en: `${agentVersion}, run as ${who}`, de: `${agentVersion}, läuft als ${who}` }),
    );
  } catch (error) {
    findings.push(ofError('program', error));
  }
  if (process.geteuid?.() !== 0)
    findings.push(
      warn(
        'program',
        {
          en: 'not run as root: much of the system can not be read',
          de: 'läuft nicht als root: vieles ist nicht lesbar',
        },
        {
          en: 'Run it as root to see what reports see.',
          de: 'Als root ausführen, um zu sehen, was Berichte sehen.',
        },
      ),
    );
  return [...findings, lookAtCache()];
}

/** Left by the single executable, agent/packaging/loader.cjs. */
const COMPILED = Symbol.for('nachweis.compiled');

function lookAtCache(): Finding {
  const compiled = (globalThis as { [COMPILED]?: string })[COMPILED];
  if (compiled === 'taken')
    return ok('cache', { en: 'part of the program, in use', de: 'Teil des Programms, wird verwendet' });
  if (compiled === 'rejected')
    return warn(
      'cache',
      { en: 'part of the program, not in use', de: 'Teil des Programms, wird nicht verwendet' },
      {
        en: 'Every start takes about twice as long. That is a fault of this build: please report it.',
        de: 'Jeder Start dauert etwa doppelt so lange. Das ist ein Fehler dieses Programms: bitte melden.',
      },
    );
  const directory = getCompileCacheDir();
  if (!directory)
    return ok('cache', { en: 'not used by this build', de: 'wird von diesem Programm nicht verwendet' });
  try {
    fs.accessSync(directory, fs.constants.W_OK);
    return ok('cache', same(directory));
  } catch {
    return warn(
      'cache',
      { en: `${directory} can not be written to`, de: `${directory} ist nicht beschreibbar` },
      {
        en: 'Every start takes about twice as long; run it once as the owner of that directory.',
        de: 'Jeder Start dauert etwa doppelt so lange; einmal als Eigentümer dieses Verzeichnisses ausführen.',
      },
    );
  }
}

export interface OpenState {
  readonly findings: readonly Finding[];
  readonly state?: State;
  readonly enrolment?: Enrolment;
}

export function lookAtState(directory: string): OpenState {
  let state: State;
  try {
    state = openState(directory);
  } catch (error) {
    const topic = error instanceof CodedError && error.code === 'NOT_ENROLLED' ? 'enrolment' : 'state';
    // Closed to others, as it has to be: for them that is no fault.
    const closed = error instanceof CodedError && error.code === 'NO_PERMISSION' && process.geteuid?.() !== 0;
    return { findings: [ofError(topic, error, closed ? 'warn' : 'fail')] };
  }
  const { mode, uid } = fs.statSync(directory);
  const owner = uid === 0 ? 'root' : `uid ${uid}`;
  const rights = (mode & 0o777).toString(8).padStart(4, '0');
  const findings: Finding[] = [
    (mode & 0o077) === 0
      ? ok('state', {
          en: `${directory}, ${rights}, of ${owner}`,
          de: `${directory}, ${rights}, von ${owner}`,
        })
      : warn(
          'state',
          {
            en: `${directory} has mode ${rights}: others can look into it`,
            de: `${directory} hat Modus ${rights}: andere können hineinsehen`,
          },
          same(`chmod 700 ${directory}`),
        ),
  ];
  try {
    const enrolment = readEnrolment(state);
    const { name, tenant, enrolledAt } = enrolment;
    findings.push(
      ok('enrolment', {
        en: `${name} of tenant ${tenant}, since ${enrolledAt.slice(0, 10)}`,
        de: `${name} des Auftraggebers ${tenant}, seit ${enrolledAt.slice(0, 10)}`,
      }),
    );
    return { findings, state, enrolment };
  } catch (error) {
    return { findings: [...findings, ofError('enrolment', error)], state };
  }
}

export function lookAtKey(state: State, { keyFile }: Enrolment): Finding {
  try {
    readKey(state.file(keyFile));
    return ok('key', {
      en: `${keyFile}, readable by its owner alone`,
      de: `${keyFile}, nur für den Eigentümer lesbar`,
    });
  } catch (error) {
    return ofError('key', error);
  }
}

const MB = 1024 * 1024;

/** A report with its document and their copies while they are written take up to 8 MB. */
export function lookAtSpace(directory: string): Finding {
  const { bavail, bsize, files, ffree } = fs.statfsSync(directory);
  const free = Math.floor((bavail * bsize) / MB);
  const amount = {
    en: `${free} MB${files > 0 ? `, ${ffree} inodes` : ''}`,
    de: `${free} MB${files > 0 ? `, ${ffree} Inodes` : ''}`,
  };
  const next = {
    en: `Free some on the file system of ${directory}; reports can not be kept without.`,
    de: `Auf dem Dateisystem von ${directory} Platz schaffen; ohne ihn lassen sich Berichte nicht aufbewahren.`,
  };
  const scarce = free < 10 || (files > 0 && ffree < 20);
  if (scarce) return fail('space', amount, next);
  return free < 200 || (files > 0 && ffree < 1000) ? warn('space', amount, next) : ok('space', amount);
}

export function lookAtSpool(state: State, { host }: Enrolment): Finding {
  try {
    const spool = openSpool(state, host);
    const waiting = spool.waiting().length;
    const refused = listState(state.file(`${host}/refused`)).length;
    const receipts = listState(state.file(`${host}/receipts`)).length;
    const documents = listState(state.file(`${host}/documents`));
    const size = documents.reduce((sum, name) => sum + stateSize(state.file(`${host}/documents/${name}`)), 0);
    const found = {
      en: `${waiting} waiting, ${receipts} ${receipts === 1 ? 'receipt' : 'receipts'}, ${refused} refused, documents ${Math.ceil(size / 1024)} kB`,
      de: `${waiting} wartend, ${receipts} ${receipts === 1 ? 'Quittung' : 'Quittungen'}, ${refused} abgelehnt, Dokumente ${Math.ceil(size / 1024)} kB`,
    };
    if (waiting > 48)
      return warn('spool', found, {
        en: 'Reports have been piling up: see below why the collector can not be reached.',
        de: 'Berichte stauen sich: weiter unten steht, warum der Kollektor nicht erreichbar ist.',
      });
    if (receipts === 0)
      return warn('spool', found, {
        en: 'Nothing was accepted yet: nachweis once.',
        de: 'Noch wurde nichts angenommen: nachweis once.',
      });
    return ok('spool', found);
  } catch (error) {
    return ofError('spool', error);
  }
}

export async function lookAtPolicy(state: State, enrolment: Enrolment, now: Date): Promise<Finding> {
  try {
    const policy = await storedPolicy(state, enrolment);
    if (!policy)
      return ok('policy', {
        en: 'none: the defaults and agent.yaml count',
        de: 'keine: es gelten die Voreinstellungen und agent.yaml',
      });
    const found = { en: describePolicy(policy, 'en'), de: describePolicy(policy, 'de') };
    return Date.parse(policy.validUntil) > now.getTime()
      ? ok('policy', found)
      : warn('policy', found, {
          en: 'It has run out: grants are unknown until the collector has sent a new one.',
          de: 'Sie sind abgelaufen: Freigaben sind nicht ermittelbar, bis der Kollektor neue geschickt hat.',
        });
  } catch (error) {
    return ofError('policy', error);
  }
}
