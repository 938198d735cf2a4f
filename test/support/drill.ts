/** A plausible restore drill, for tests of whoever takes one. */
import { nodeCrypto } from '../../shared/crypto-node.ts';
import type { Drill } from '../../shared/drill.ts';
import { drillStatement } from '../../shared/drill-statement.ts';
import { envelopeOf, type TestHost } from './host.ts';

export function drillAt(at: Date, more: Partial<Drill> = {}): Drill {
  return {
    at: at.toISOString(),
    tool: 'restic',
    job: 'etc',
    repository: { location: 'sftp:backup.example.org:/srv/web', id: 'ab'.repeat(32) },
    snapshot: { at: new Date(at.getTime() - 8 * 3_600_000).toISOString(), id: 'cd'.repeat(32) },
    sample: { seed: 'ef'.repeat(16), named: [] },
    files: { source: 22, record: 2, unclear: 0, different: 0, damaged: 0, missing: 0 },
    bytes: 1_234_567,
    milliseconds: { firstByte: 1800, restored: 42_000 },
    outcome: 'equal',
    problem: null,
    ...more,
  };
}

export const unequal: Partial<Drill> = {
  outcome: 'unequal',
  files: { source: 20, record: 0, unclear: 0, different: 1, damaged: 3, missing: 0 },
};

/** What the host sends of it: the body of POST /v1/records. */
export async function drillSubmission(host: TestHost, drill: Drill, said: { host?: string } = {}) {
  const statement = drillStatement(nodeCrypto, { host: said.host ?? host.id, agentVersion: '0.1.0', drill });
  return { envelope: await envelopeOf(host.signer, statement) };
}
