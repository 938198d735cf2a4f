/**
 * One round, from the host to the spool: collect, judge, document, statement, envelope, disk. Sending is another
 * process (agent/send.ts), so that this one needs no network and that one no checks.
 */
import { z } from 'zod';
import type { Check } from '../checks/check.ts';
import type { Host } from '../checks/host.ts';
import { instantSchema, sha256HexSchema } from '../shared/identifier.ts';
import { outcomeSchema, type Text, textSchema } from '../shared/outcome.ts';
import type { Config } from './config.ts';
import { readState } from './durable.ts';
import { withIdentity } from './identity.ts';
import { countOutcomes, type Judged, judge } from './judge.ts';
import { readKey } from './key.ts';
import { keepMemory } from './memory.ts';
import { type HeldPolicy, mergeParams, noPolicy } from './policy.ts';
import { makeDocument, makeStatement, sign } from './report.ts';
import { openSpool } from './spool.ts';
import { readEnrolment, type State } from './state.ts';
import { agentVersion } from './version.ts';

export interface RoundOptions {
  readonly state: State;
  readonly host: Host;
  readonly checks: readonly Check[];
  readonly config: Config;
  /** The one that `host` was given; left out: none. */
  readonly policy?: HeldPolicy;
  readonly clock: () => Date;
  readonly monotonic: () => number;
  /** Marks the report as the last one of this host. */
  readonly last?: boolean;
}

const summarySchema = z.object({
  round: instantSchema,
  sequence: z.int().positive(),
  digest: sha256HexSchema,
  intervalSeconds: z.int().positive(),
  privileged: z.boolean(),
  counts: z.record(outcomeSchema, z.int().nonnegative()),
  failing: z.array(z.object({ check: z.string(), title: textSchema })),
});
/** What the other processes of the agent want to know of a round: `round.json`. */
export type RoundSummary = z.infer<typeof summarySchema>;

export const readRound = (state: State): RoundSummary | null =>
  readState(state.file('round.json'), summarySchema) ?? null;

/** @throws CodedError `NOT_ENROLLED`, `STATE_UNSAFE`, `STATE_UNREADABLE`, `STATE_BUSY`, `NO_SPACE` */
export async function makeRound(options: RoundOptions): Promise<RoundSummary> {
  const { state, host, checks, config, clock, monotonic, policy = noPolicy } = options;
  const enrolment = readEnrolment(state);
  const signer = readKey(state.file(enrolment.keyFile));
  const spool = openSpool(state, enrolment.host);

  const judged = await judgeForReport(options);
  const document = makeDocument(judged);
  const about = {
    host: enrolment.host,
    judged,
    digest: document.digest,
    agentVersion,
    intervalSeconds: config.interval,
    policyDigest: policy.digest,
    last: options.last ?? false,
  };
  // From here on the report is on the disk, whatever happens to this process or the network.
  const { statement } = await spool.append(document, (place) => sign(signer, makeStatement(about, place)));

  // Lost in a crash between the two, it is only made anew; kept before, it would know of a round that never was.
  if (judged.memory) keepMemory(state, enrolment, judged.memory);

  const summary: RoundSummary = {
    round: judged.now.toISOString(),
    sequence: statement.predicate.sequence,
    digest: document.digest,
    intervalSeconds: config.interval,
    privileged: host.privileged,
    counts: countOutcomes(judged.results),
    failing: judged.results
      .filter(({ outcome }) => outcome === 'fail')
      .map((result) => ({ check: result.check, title: titleOf(checks, result.check) })),
  };
  state.disk.write(state.file('round.json'), JSON.stringify(summary));
  return summary;

  async function judgeForReport({ host: judgedHost }: RoundOptions): Promise<Judged> {
    const { contract } = config;
    const params = mergeParams(config.params, policy.params);
    const all = await judge({
      host: judgedHost,
      checks,
      params,
      contract,
      now: clock(),
      monotonic,
      access: true,
      remember: true,
    });
    return { ...all, machine: await withIdentity(all.machine, judgedHost) };
  }
}

function titleOf(checks: readonly Check[], id: string): Text {
  return checks.find((check) => check.id === id)?.title ?? { en: id, de: id };
}
