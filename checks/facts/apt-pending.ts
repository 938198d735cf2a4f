/**
 * Which updates wait, by the solver's own answer. apt is asked twice: as it is configured, and as if nothing held a
 * security update back (no pins, no holds, no phasing, security archives preferred). The second answer is complete:
 * it also names the security update that a pin hides and the one that a later ordinary update supersedes.
 * The first one tells what becomes of each.
 */
import { aptSecurity, aptSecurityPolicy, aptSimulate, type Command } from '../commands.ts';
import { defineFact, type Fact, known, unreadable } from '../fact.ts';
import type { CommandOutput, Host } from '../host.ts';

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

/** A package with a newer version that apt can't install, whatever is let go. */
export interface Stuck {
  readonly name: string;
  readonly installed: string;
  readonly candidate: string;
  /** `bookworm-security/main`: suites as in sources.list that have the candidate. */
  readonly suites: readonly string[];
}

export interface AptPending {
  /** The same as `security` where that one is empty. */
  readonly configured: Fact<Simulation>;
  readonly security: Fact<Simulation>;
  readonly stuck: Fact<readonly Stuck[]>;
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

/** Pure. `apt-cache policy NAME...`: what is installed, what would be, and where the latter lies. */
export function parsePolicy(text: string): readonly Stuck[] {
  return text.split(/^(?=\S+:$)/m).flatMap((block): Stuck[] => {
    const name = /^(\S+):$/m.exec(block)?.[1];
    const installed = /^ {2}Installed: (\S+)$/m.exec(block)?.[1];
    const candidate = /^ {2}Candidate: (\S+)$/m.exec(block)?.[1];
    if (!name || !installed || !candidate) return [];
    const suites: string[] = [];
    let here = false;
    for (const line of block.split('\n')) {
      const version = /^ (?:\*\*\*| {3}) (\S+) -?\d+(?: .*)?$/.exec(line);
      if (version) here = version[1] === candidate;
      const place = here ? /^ {8,} *-?\d+ \S+ (\S+) \S+ Packages$/.exec(line)?.[1] : undefined;
      if (place) suites.push(place);
    }
    return [{ name, installed, candidate, suites }];
  });
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

async function stuck(host: Host, security: Fact<Simulation>): Promise<Fact<readonly Stuck[]>> {
  if (security.state !== 'known') return security;
  const { keptBack, notUpgraded } = security.value;
  if (keptBack.length < notUpgraded) return unreadable('apt-get -s dist-upgrade', notUnderstood);
  if (keptBack.length === 0) return known([]);
  const answer = await host.run(aptSecurityPolicy, keptBack);
  if (answer.state !== 'known') return answer;
  const found = parsePolicy(answer.value.stdout);
  const all = keptBack.every((name) => found.some((entry) => entry.name === name));
  return all && answer.value.status === 0 ? known(found) : unreadable('apt-cache policy', notUnderstood);
}

/** Absent where apt is not installed; unreadable for an unpacked system, whose package manager is not run. */
export const aptPending = defineFact<AptPending>({
  id: 'apt-pending',
  collect: async (host): Promise<Fact<AptPending>> => {
    if (!host.live) {
      return unreadable('apt-get', {
        en: 'this needs the package manager, and no command of an unpacked system is run',
        de: 'das braucht die Paketverwaltung, und von einem entpackten System wird kein Befehl ausgeführt',
      });
    }
    const security = understand(aptSecurity, await host.run(aptSecurity, []));
    // Seconds of a processor each: where nothing waits, nothing needs explaining.
    const nothing =
      security.state === 'known' && security.value.installs.length + security.value.notUpgraded === 0;
    return known({
      configured: nothing ? security : understand(aptSimulate, await host.run(aptSimulate, [])),
      security,
      stuck: await stuck(host, security),
    });
  },
});
