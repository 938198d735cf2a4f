/** What the probe must know of a tool to ask its repository; one table row per tool in agent/backup-probe.ts. */
import type { ResticAccess } from '../checks/facts/backup-declared.ts';
import type { ProbeResult, probeProblems } from '../checks/facts/backup-result.ts';
import type { Host } from '../checks/host.ts';
import type { Access } from './backup-access.ts';

export type ProbeProblem = (typeof probeProblems)[number];

export interface Asked {
  readonly outcome: ProbeResult['outcome'];
  readonly id?: string;
  /** How the repository is encrypted, in the tool's own word. */
  readonly encryption?: string;
}

export type Ended = { problem: ProbeProblem } | { status: number; stdout: string; stderr: string };

export interface Prober {
  readonly tool: ProbeResult['tool'];
  /** The first of these that only root can change is run. */
  readonly programs: readonly string[];
  /** Undefined where what it needs could be changed by others than root. */
  readonly access: (host: Host, means: ResticAccess) => Promise<Access | undefined>;
  readonly ask: (
    run: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<Ended>,
    snapshotHost: string,
    /** A private directory for as long as the question takes. */
    scratch: string,
    access: Access,
  ) => Promise<Asked>;
}

export const refused = (problem: ProbeProblem): Asked => ({ outcome: { opened: false, problem } });

/** At most so many snapshots are written down. */
export const MAX_GROUPS = 20;
