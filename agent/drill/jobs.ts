/**
 * Which jobs a drill can take, and with what it opens their repositories: declared ones by their `probe`, others by what the
 * host already holds for the job itself. Nothing is taken that others than root could have written.
 */
import { type GetFact, valueIn } from '../../checks/fact.ts';
import { optionValue, repositoryName } from '../../checks/facts/backup-call.ts';
import { declaredBackups, type ResticAccess } from '../../checks/facts/backup-declared.ts';
import type { BackupJob } from '../../checks/facts/backup-job.ts';
import { backupJobs } from '../../checks/facts/backup-jobs.ts';
import type { Host } from '../../checks/host.ts';
import {
  type Access,
  BORG_ALLOWED,
  borgAccess,
  onlyRoots,
  RESTIC_ALLOWED,
  safeCommand,
} from '../backup-access.ts';
import { DUPLICITY_ALLOWED } from './duplicity.ts';
import type { DrillTool } from './tool.ts';
import { drillToolOf } from './tools.ts';

export interface DrillJob {
  readonly name: string;
  readonly tool: DrillTool;
  readonly repository: string | undefined;
  readonly snapshotHost: string | undefined;
  /** What it copies, as it says. */
  readonly roots: readonly string[];
  /** Undefined where what it needs could be changed by others than root. */
  readonly access: () => Promise<Access | undefined>;
  /** The job itself, where it was found: it tells what it leaves out. */
  readonly found?: BackupJob;
}

/** @throws CouldNotLook when the declarations or the jobs can't be read */
export async function drillJobs(host: Host, get: GetFact): Promise<DrillJob[]> {
  const declarations = valueIn(await get(declaredBackups));
  const found = valueIn(await get(backupJobs)).jobs.filter(({ call, problem }) => call && !problem);
  const jobs: DrillJob[] = [];
  const taken = new Set<BackupJob>();
  for (const { source, job } of declarations) {
    const tool = job && toolOf(job.tool);
    if (!job || !tool || !('probe' in job.lastSuccess)) continue;
    const { probe } = job.lastSuccess;
    // duplicity's address stands in `to` where nothing else says it.
    const means: ResticAccess = {
      ...probe,
      ...(tool.tool === 'duplicity' && probe.repository === undefined && probe.repositoryFile === undefined
        ? { repository: job.to }
        : {}),
    };
    const twin = found.find(
      (each) => toolOf(each.tool) === tool && each.repository === repositoryName(job.to),
    );
    if (twin) taken.add(twin);
    jobs.push({
      name: job.name,
      tool,
      repository: repositoryName(job.to),
      snapshotHost: probe.snapshotHost,
      roots: job.what,
      access: async () => ((await onlyRoots(host, source)) ? tool.access(host, means) : undefined),
      ...(twin ? { found: twin } : {}),
    });
  }
  for (const job of found) {
    const tool = toolOf(job.tool);
    if (!tool || taken.has(job)) continue;
    const { call, name, repository } = job;
    jobs.push({
      name,
      tool,
      repository,
      snapshotHost: call && optionValue(call.options, '-H', '--host'),
      roots: call?.paths ?? [],
      access: () => accessOf(host, job, tool),
      found: job,
    });
  }
  return jobs;
}

const toolOf = (name: string): DrillTool | undefined =>
  Object.hasOwn(drillToolOf, name) ? drillToolOf[name] : undefined;

const ALLOWED: Readonly<Record<string, RegExp>> = {
  restic: RESTIC_ALLOWED,
  borg: BORG_ALLOWED,
  duplicity: DUPLICITY_ALLOWED,
};

/** As the job itself is called: its unit, table or script, and what those name. */
async function accessOf(host: Host, job: BackupJob, tool: DrillTool): Promise<Access | undefined> {
  const { call, source, files = [], configuration } = job;
  if (!call || call.opaque) return undefined;
  for (const file of [source, ...files]) if (!(await onlyRoots(host, file))) return undefined;
  const option = (...names: string[]) => optionValue(call.options, ...names);
  const means: ResticAccess = {
    timeoutSeconds: 120,
    ...(configuration === undefined ? {} : { configuration }),
    ...(call.repository === undefined ? {} : { repository: call.repository }),
    ...(call.repositoryFile === undefined ? {} : { repositoryFile: call.repositoryFile }),
  };
  const passwordFile = tool.tool === 'restic' ? option('-p', '--password-file') : undefined;
  const given = { ...means, ...(passwordFile === undefined ? {} : { passwordFile }) };
  const access = tool.tool === 'borg' ? await borgAccess(host, given) : await tool.access(host, given);
  if (!access || tool.tool === 'rsnapshot') return access;
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(call.environment)) {
    // What a shell would still have to work out is not known.
    if (ALLOWED[tool.tool]?.test(name) && !/[$`]/.test(value)) environment[name] = value;
  }
  const command = tool.tool === 'restic' ? option('--password-command') : undefined;
  if (command !== undefined) environment.RESTIC_PASSWORD_COMMAND = command;
  for (const name of ['RESTIC_PASSWORD_COMMAND', 'BORG_PASSCOMMAND', 'BORG_RSH'])
    if (!(await safeCommand(host, environment[name]))) return undefined;
  for (const name of ['RESTIC_PASSWORD_FILE', 'RESTIC_REPOSITORY_FILE']) {
    const file = environment[name];
    if (file !== undefined && !(await onlyRoots(host, file))) return undefined;
  }
  const whole = { ...environment, ...access.environment };
  if (passwordFile !== undefined)
    for (const name of ['RESTIC_PASSWORD', 'RESTIC_PASSWORD_COMMAND']) delete whole[name];
  if (whole.RESTIC_REPOSITORY !== undefined) delete whole.RESTIC_REPOSITORY_FILE;
  return { environment: whole, location: access.location ?? whole.RESTIC_REPOSITORY ?? whole.BORG_REPO };
}
