/** What happens on a spool in the crash tests, the same in the process that dies and in the one that looks. */
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import { makeStatement, sign } from '../../agent/report.ts';
import { type Entry, type Limits, openSpool, type Spool } from '../../agent/spool.ts';
import type { State } from '../../agent/state.ts';
import { toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { nodeCrypto, pemSigner } from '../../shared/crypto-node.ts';
import type { Receipt } from '../../shared/report.ts';

export const HOST = 'h-00000000000000000000000000000000';
const KEY = 'test-key.pem';

/** One key per directory, so that both processes sign alike. */
export function signerIn(state: State) {
  const file = state.file(KEY);
  if (!fs.existsSync(file)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    fs.writeFileSync(file, pem, { mode: 0o600 });
  }
  return pemSigner(fs.readFileSync(file, 'utf8'));
}

export const spoolIn = (state: State, limits: Partial<Limits> = {}): Spool => openSpool(state, HOST, limits);

/** Appends a report whose document holds `content`. */
export function add(state: State, spool: Spool, content: string): Promise<Entry> {
  const text = canonicalJson({ content });
  const digest = toHex(nodeCrypto.sha256(utf8(text)));
  const judged = {
    machine: {
      hostname: 'h',
      os: { id: '', version: '', name: '', like: [] },
      kernel: '',
      arch: '',
      kind: 'vm' as const,
      disks: [],
    },
    results: [],
    now: new Date('2026-06-15T12:00:00.000Z'),
    durations: { total: 1 },
  };
  const about = { host: HOST, judged, digest, agentVersion: '0.1.0', intervalSeconds: 3600 };
  return spool.append({ text, digest }, (place) => sign(signerIn(state), makeStatement(about, place)));
}

export const receiptFor = ({ statement, digest }: Entry): Receipt => ({
  host: HOST,
  sequence: statement.predicate.sequence,
  envelopeDigest: digest,
  receivedAt: '2026-06-15T12:00:01.000Z',
  log: { epoch: 0, index: statement.predicate.sequence, leaf: '0'.repeat(64) },
});

export async function tell(state: State, story: string): Promise<void> {
  const spool = spoolIn(state);
  if (story === 'append') {
    await add(state, spool, 'second');
    return;
  }
  const [first] = spool.waiting();
  const entry = first === undefined ? undefined : await spool.read(first);
  if (!entry) throw new Error('nothing waits');
  if (story === 'accept') await spool.accept(entry, receiptFor(entry));
  else await spool.setAside(entry, 'CLOCK_AHEAD');
}
