/**
 * Which security updates wait on a system with apt, and what becomes of each. That they wait is read off the lists
 * (apt-offers.ts): complete, whatever pins, holds or phasing say. What becomes of them is the solver's own answer as
 * the system is configured; it also is a second opinion: a security update that it alone names counts too, and then
 * nothing is sure.
 */
import type { Text } from '../../shared/outcome.ts';
import { aptSimulate, aptSimulateCached, type Command } from '../commands.ts';
import { defineFact, type Fact, known, unreadable } from '../fact.ts';
import type { CommandOutput } from '../host.ts';
import { hasFreshCache } from './apt-cache-files.ts';
import { aptConfiguration } from './apt-config.ts';
import { aptObsolete } from './apt-obsolete.ts';
import { type AptOffer, aptOffers } from './apt-offers.ts';
import { isSecurityArchive, parseArchive } from './apt-security.ts';
import { type DpkgStatus, dpkgStatus } from './dpkg-status.ts';
import { compareVersions } from './dpkg-version.ts';
import { type Fate, MAX_PENDING, type ManagerAnswer, type PendingUpdate } from './pending-updates.ts';

export interface Install {
  readonly name: string;
  /** Undefined for a package that comes new. */
  readonly installed?: string;
  readonly candidate: string;
  /** `Debian-Security:12/stable-security` and the like: every archive that has this version. */
  readonly archives: readonly string[];
}

export interface Simulation {
  readonly installs: readonly Install[];
  readonly keptBack: readonly string[];
  readonly phased: readonly string[];
  /** The last figure of apt's summary. */
  readonly notUpgraded: number;
}

const INST = /^Inst (\S+)(?: \[([^\]\s]+)\])? \((\S+)(?: (.*?))?(?: \[[^\]\s]*\])?\)(?: .*)?$/;
const SUMMARY =
  /^(\d+) upgraded, (\d+) newly installed,(?: (\d+) reinstalled,)?(?: (\d+) downgraded,)? \d+ to remove and (\d+) not upgraded\.$/m;

/** Pure. Undefined when this is not the answer of `apt-get -s` in English, whole: its own counts must agree. */
export function parseSimulation(text: string): Simulation | undefined {
  const summary = SUMMARY.exec(text);
  if (!summary) return undefined;
  const installs = text.split('\n').flatMap((line): Install[] => {
    const [, name, installed, candidate, archives] = INST.exec(line) ?? [];
    if (!name || !candidate) return [];
    return [
      {
        name,
        ...(installed ? { installed } : {}),
        candidate,
        archives: (archives ?? '').split(', ').filter(Boolean),
      },
    ];
  });
  const announced = summary.slice(1, 5).reduce((sum, count) => sum + Number(count ?? 0), 0);
  const lines = text.split('\n').filter((line) => line.startsWith('Inst ')).length;
  if (installs.length !== announced || lines !== announced) return undefined;
  return {
    installs,
    keptBack: names(text, 'The following packages have been kept back:'),
    phased: names(text, 'The following upgrades have been deferred due to phasing:'),
    notUpgraded: Number(summary[5]),
  };
}

function names(text: string, heading: string): string[] {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith('  '));
  return rest
    .slice(0, end < 0 ? undefined : end)
    .flatMap((line) => line.trim().split(/\s+/))
    .filter(Boolean);
}

function understand(command: Command, answer: Fact<CommandOutput>): Fact<Simulation> {
  if (answer.state !== 'known') return answer;
  const source = `${command.programs[0]} -s dist-upgrade`;
  const { status, stdout, stderr } = answer.value;
  if (status !== 0) return unreadable(source, refused(`${stdout}\n${stderr}`));
  const simulation = parseSimulation(stdout);
  return simulation ? known(simulation) : unreadable(source, notUnderstood);
}

const notUnderstood = {
  en: 'the answer of apt-get was not understood',
  de: 'die Antwort von apt-get wurde nicht verstanden',
};

function refused(output: string) {
  if (/^The following packages have unmet dependencies|^E: Unmet dependencies/im.test(output)) {
    return {
      en: 'installed packages have unmet dependencies (apt-get -f install); apt can not tell what is pending',
      de: 'installierte Pakete haben unerfüllte Abhängigkeiten (apt-get -f install); apt kann nicht sagen, was aussteht',
    };
  }
  if (
    /could not be parsed or opened|Unable to parse package file|Encountered a section with no Package|Problem with MergeList/i.test(
      output,
    )
  ) {
    return {
      en: 'the package lists are damaged (apt-get update fetches them again)',
      de: 'die Paketlisten sind beschädigt (apt-get update holt sie neu)',
    };
  }
  const first = /^E: (.{1,200})/m.exec(output)?.[1] ?? 'no reason given';
  return { en: `apt-get refused: ${first}`, de: `apt-get hat abgelehnt: ${first}` };
}

/** As the system is configured. Absent where apt is not installed; unreadable for an unpacked system. */
export const aptSimulation = defineFact<Simulation>({
  id: 'apt-simulation',
  collect: async (host, get): Promise<Fact<Simulation>> => {
    if (!host.live) return unreadable('apt-get', needsSolver);
    const configuration = await get(aptConfiguration);
    if (configuration.state !== 'known') return configuration;
    if (host.privileged && (await hasFreshCache(host, configuration.value))) {
      const answer = await host.run(aptSimulateCached, []);
      // A warning may be a file that nobody can't read: then root asks.
      const clean = answer.state === 'known' && answer.value.status === 0 && answer.value.stderr === '';
      if (clean) return understand(aptSimulateCached, answer);
    }
    return understand(aptSimulate, await host.run(aptSimulate, []));
  },
});

const needsSolver: Text = {
  en: 'this needs the package manager, and no command of an unpacked system is run',
  de: 'das braucht die Paketverwaltung, und von einem entpackten System wird kein Befehl ausgeführt',
};

/** Where the credentials for Ubuntu's extended maintenance lie once a system is attached to a subscription. */
const SUBSCRIBED = '/etc/apt/auth.conf.d/90ubuntu-advantage';
const isExtended = ({ index }: AptOffer): boolean => /^UbuntuESM/.test(index.release?.origin ?? '');

/** What becomes of an update when the system is upgraded as it is configured. Pure. */
function fate(offer: AptOffer, simulation: Fact<Simulation>, dpkg: DpkgStatus, subscribed: boolean): Fate {
  const { name, arch, candidate } = offer;
  const held = dpkg.packages.some(
    (each) => each.name === name && each.architecture === arch && each.wanted === 'hold',
  );
  if (held) return 'held';
  if (isExtended(offer) && !subscribed) return 'subscription';
  if (simulation.state !== 'known') return 'unsure';
  const { installs, keptBack, phased } = simulation.value;
  // apt leaves the architecture out where it is the machine's own.
  const is = (said: string): boolean => said === name || said === `${name}:${arch}`;
  if (installs.some((each) => is(each.name) && compareVersions(each.candidate, candidate) >= 0))
    return 'installable';
  if (phased.some(is)) return 'phased';
  return keptBack.some(is) ? 'kept-back' : 'pinned';
}

/** From both: the lists say that it waits, the solver what becomes of it. `alone`: what only the solver names. Pure. */
function pending(
  offers: readonly AptOffer[],
  simulation: Fact<Simulation>,
  dpkg: DpkgStatus,
  subscribed: boolean,
): { updates: PendingUpdate[]; alone: string[] } {
  const updates = offers.map((offer): PendingUpdate => {
    const { name, arch, source, installed, candidate, index } = offer;
    const { label = '', date } = index.release ?? {};
    return {
      ...{ name, arch, ...(source ? { source } : {}), installed, candidate },
      origin: `${label} ${index.source.suite}`.trim(),
      advisories: [],
      severity: 'unknown',
      ...(date ? { listed: date } : {}),
      fate: fate(offer, simulation, dpkg, subscribed),
    };
  });
  const named = new Set(updates.flatMap(({ name, arch }) => [name, `${name}:${arch}`]));
  const further = (simulation.state === 'known' ? simulation.value.installs : []).filter(
    ({ name, installed, archives }) =>
      installed !== undefined &&
      !named.has(name) &&
      archives.some((each) => isSecurityArchive(parseArchive(each))),
  );
  for (const { name: full, installed = '', candidate, archives } of further) {
    const [name = '', arch = ''] = full.split(':');
    const origin = archives.join(', ');
    updates.push({
      ...{ name, arch, installed, candidate, origin },
      ...{ advisories: [], severity: 'unknown', fate: 'installable' },
    });
  }
  const key = ({ name, arch }: PendingUpdate): string => `${name}:${arch}`;
  return {
    updates: updates.sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    alone: further.map(({ name }) => name),
  };
}

/** Absent where apt or dpkg is not installed. */
export const aptPending = defineFact<ManagerAnswer>({
  id: 'apt-pending',
  collect: async (host, get): Promise<Fact<ManagerAnswer>> => {
    const [offers, dpkg] = [await get(aptOffers), await get(dpkgStatus)];
    if (offers.state !== 'known') return offers;
    if (dpkg.state !== 'known') return dpkg;
    const [simulation, obsolete] = [await get(aptSimulation), await get(aptObsolete)];
    // Only where it is sure that there is none: else the solver's word stands.
    const subscribed = (await host.stat(SUBSCRIBED)).state !== 'absent';
    const { updates, alone } = pending(offers.value.offers, simulation, dpkg.value, subscribed);
    const { interrupted, halfDone } = dpkg.value;
    const doubt =
      offers.value.doubt ??
      (interrupted || halfDone.length > 0 ? halfWay(halfDone) : undefined) ??
      (simulation.state === 'known' ? undefined : whyNot(simulation)) ??
      (alone.length > 0 ? disagree(alone) : undefined) ??
      (updates.length > MAX_PENDING ? tooMany : undefined);
    return known({
      updates: updates.slice(0, MAX_PENDING),
      ...(doubt ? { doubt } : {}),
      ...(obsolete.state === 'known' && obsolete.value.length <= MAX_PENDING
        ? { obsolete: obsolete.value }
        : {}),
    });
  },
});

const whyNot = (fact: Fact<Simulation>): Text =>
  fact.state === 'unreadable'
    ? fact.reason
    : { en: 'apt-get is not installed', de: 'apt-get ist nicht installiert' };

const disagree = (names: readonly string[]): Text => {
  const which = names.slice(0, 5).join(', ');
  return {
    en: `apt names security updates that its lists were not seen to have (${which}): packages or lists changed just now, or a list was not understood`,
    de: `apt nennt Sicherheitsupdates, die in seinen Listen nicht zu finden waren (${which}): Pakete oder Listen haben sich eben geändert, oder eine Liste wurde nicht verstanden`,
  };
};

const tooMany: Text = {
  en: `more than ${MAX_PENDING} updates wait; the rest is not listed`,
  de: `mehr als ${MAX_PENDING} Updates stehen aus; der Rest ist nicht aufgeführt`,
};

const halfWay = (names: readonly string[]): Text => {
  const which = names.slice(0, 5).join(', ');
  return {
    en: `dpkg was interrupted${which ? ` (${which})` : ''}; dpkg --configure -a finishes it`,
    de: `dpkg wurde unterbrochen${which ? ` (${which})` : ''}; dpkg --configure -a schließt den Vorgang ab`,
  };
};
