/**
 * Tables of the collector, as kysely sees them. Portable between SQLite and PostgreSQL: text, integers and blobs
 * only. Instants are UTC text with milliseconds (text order is time order), booleans are 0 and 1.
 */
import type { Generated } from 'kysely';
import type { WayIn } from '../../shared/access-matrix.ts';
import type { RecordType } from '../../shared/catalogue.ts';
import type { DrillOutcome, DrillTool } from '../../shared/drill.ts';
import type { LeafType } from '../../shared/merkle.ts';
import type { Outcome, Severity } from '../../shared/outcome.ts';

type Flag = 0 | 1;

export interface Database {
  tenants: { id: string; name: string; created_at: string };
  /** Enrolled machines. `last_*` describe the last accepted report; null before the first. */
  hosts: {
    id: string;
    tenant_id: string;
    name: string;
    /** Raw Ed25519 key, base64. */
    public_key: string;
    /** SHA-256 of the raw key, hex; unique. */
    key_id: string;
    enrolled_at: string;
    /** Hash of the token it enrolled with: the same machine may ask again for a reply that got lost. */
    enrolled_with: string | null;
    retired_at: string | null;
    quarantined_at: string | null;
    interval_seconds: number;
    kind_detected: 'server' | 'vm' | 'unknown';
    /** What it counted as when somebody last looked; null in those from before this was kept. */
    kind_settled: 'server' | 'vm' | null;
    /** When it last stopped being a server. */
    server_until: string | null;
    /** JSON of shared/report.ts `Machine`, as of the last document (or enrolment). */
    machine: string;
    last_sequence: number;
    last_envelope_digest: string | null;
    last_document_digest: string | null;
    last_received_at: string | null;
    last_round_at: string | null;
    agent_version: string | null;
  };
  /** What was ordered, host by host; `host_id` is null while no agent is enrolled for it. */
  contract_hosts: {
    id: string;
    tenant_id: string;
    name: string;
    host_id: string | null;
    site: 'provider' | 'customer';
    kind: 'server' | 'vm' | null;
    backup: Flag;
    patch: Flag;
    since: string;
    until: string | null;
  };
  enrolment_tokens: {
    /** SHA-256 of the token, hex: the token itself is never stored. */
    token_hash: string;
    tenant_id: string;
    created_at: string;
    expires_at: string;
    max_uses: number;
    uses: number;
    /** The one host that it lets enrol anew; null: it makes new hosts. */
    host_id: string | null;
    /** Who made it; null in those from before this was kept, and where nobody is known. */
    author: string | null;
  };
  /** Keys that reinstalled hosts had before. */
  replaced_keys: {
    /** SHA-256 of the raw key, hex. */
    key_id: string;
    host_id: string;
    public_key: string;
    replaced_at: string;
    /** The last report under it; 0: there was none. */
    last_sequence: number;
    author: string;
    /** shared/key-change.ts, signed: the content of its leaf. */
    content: string;
    log_index: number;
  };
  /** One row per accepted envelope. */
  reports: {
    host_id: string;
    sequence: number;
    envelope_digest: string;
    /** Canonical JSON text of the envelope: the content of its leaf. */
    envelope: string;
    document_digest: string;
    round_at: string;
    received_at: string;
    log_index: number;
  };
  /** By host, so that naming a digest never reaches another host's document. */
  documents: { host_id: string; digest: string; content: string; received_at: string };
  /** Accepted reports that carried a rollback mark: two machines under one key show in their order. */
  rollbacks: {
    host_id: string;
    sequence: number;
    /** The last number that the machine itself remembered. */
    from_sequence: number;
    /** Digests of what identifies the machine: as of the report before, and of this one. */
    machine_before: string;
    machine_after: string;
    received_at: string;
  };
  log_leaves: {
    log_index: number;
    epoch: number;
    type: LeafType;
    /** SHA-256(0x00 || commitment), hex. */
    leaf: string;
    /** 32 bytes, hex; null once content was deleted at the end of its retention. */
    random: string | null;
    /** Where the content is: `report:HOST:SEQUENCE`. */
    content_ref: string;
    created_at: string;
  };
  /** Current result of every check of every host. */
  results: {
    host_id: string;
    check_id: string;
    outcome: Outcome;
    severity: Severity;
    /** JSON of shared/outcome.ts `Result`. */
    result: string;
    /** Receipt of the report that brought this outcome (not just this evidence). */
    since: string;
    sequence: number;
  };
  /** Who can enter a host, as of its last document; one row for each host that says so. */
  access_matrices: {
    host_id: string;
    /** 1: the host knows a register of grants. */
    register: Flag;
    /** Entries that the document had no room for. */
    more: number;
    /** JSON of shared/access-matrix.ts `AccessMatrix['gaps']`. */
    gaps: string;
  };
  /** The entries of those, in their order. */
  access_entries: {
    host_id: string;
    position: number;
    account: string;
    way: WayIn;
    /** The grant that covers it. */
    grant_id: string | null;
    /** JSON of shared/access-matrix.ts `AccessEntry`. */
    entry: string;
  };
  /** Which security updates wait on a host, as of its last document; one row for each host that says so. */
  update_lists: {
    host_id: string;
    manager: 'apt' | 'dnf' | 'zypper';
    /** Updates that the document had no room for. */
    more: number;
    /** JSON of a text: why there may be others; null: there are none. */
    doubt: string | null;
  };
  /** The updates of those, in their order. */
  pending_updates: {
    host_id: string;
    position: number;
    name: string;
    /** Position in shared/update-list.ts `updateSeverities`: 0 is the gravest. */
    severity: number;
    deadline: string | null;
    /** JSON of shared/update-list.ts `UpdateEntry`. */
    entry: string;
    /** What it is found by: shared/update-search.ts `UpdateKeys`. */
    names: string;
    versions: string;
    /** Sorted, with spaces between them. */
    cves: string;
  };
  /** Every disk that could ever be told apart, host by host. */
  host_disks: {
    host_id: string;
    /** As shared/disks.ts `normalSerial` writes it. */
    serial: string;
    name: string;
    model: string;
    bytes: number;
    rotational: Flag | null;
    /** Receipt of the report (or the enrolment) that had it first. */
    first_seen_at: string;
    /** Round of the last report that had it; null: the newest one has it. */
    last_seen_at: string | null;
    /** Receipt of the first report without it; null: it is there. */
    gone_at: string | null;
  };
  /** How hosts ended, step by step; never changed once written. */
  host_endings: {
    id: string;
    tenant_id: string;
    /** The host, or its place in the contract where no agent was ever enrolled. */
    subject_id: string;
    name: string;
    /** `retired`: only its key is out of service; it may be enrolled anew. */
    state: 'decommissioned' | 'missing' | 'closed' | 'retired';
    at: string;
    /** Who closed it or marked it; of `decommissioned` the host itself. */
    author: string;
    reason: string;
    /** Canonical JSON: the content of its leaf. Of `decommissioned` the envelope that the host signed. */
    content: string;
    log_index: number;
  };
  /** Every change of what was ordered for a host, with who made it. */
  contract_changes: {
    id: string;
    tenant_id: string;
    contract_id: string;
    changed_at: string;
    author: string;
    /** Canonical JSON of shared/contract.ts `ContractChange`: the content of its leaf. */
    content: string;
    log_index: number;
  };
  transitions: {
    id: Generated<number>;
    host_id: string;
    check_id: string;
    /** Null: seen for the first time. */
    from_outcome: Outcome | null;
    /** Null: the check is not in the report any more. */
    to_outcome: Outcome | null;
    severity: Severity;
    round_at: string;
    received_at: string;
    sequence: number;
  };
  alerts: {
    id: string;
    /** `check-failing`, `host-failing` (summary at the first report), `host-silent`, `host-rollback`, `host-cloned`, `report-gap`, `channel-failing`. */
    kind: string;
    /** One open alert per key: `check-failing:HOST:CHECK`. */
    dedupe_key: string;
    tenant_id: string | null;
    host_id: string | null;
    check_id: string | null;
    severity: Severity;
    opened_at: string;
    resolved_at: string | null;
    /** JSON, by kind. */
    detail: string;
  };
  /** One row per change and channel, written in the transaction that changed the alert. */
  outbox: {
    id: Generated<number>;
    alert_id: string;
    change: 'opened' | 'resolved';
    channel: string;
    /** JSON of the message as of the change. */
    payload: string;
    created_at: string;
    next_try_at: string;
    tries: number;
    sent_at: string | null;
    /** Set aside for good after the last try. */
    given_up_at: string | null;
    last_error: string | null;
  };
  channels: {
    name: string;
    failing_since: string | null;
    last_ok_at: string | null;
    last_error: string | null;
  };
  users: {
    id: string;
    name: string;
    role: 'administrator' | 'operations' | 'officer' | 'customer' | 'auditor';
    /** Customers and auditors see this tenant and nothing else; null for the provider's own people. */
    tenant_id: string | null;
    /** PHC string, argon2id; null until one is set. */
    password_hash: string | null;
    language: 'de' | 'en';
    created_at: string;
    disabled_at: string | null;
  };
  sessions: {
    token_hash: string;
    user_id: string;
    created_at: string;
    expires_at: string;
    last_seen_at: string;
  };
  sign_in_links: {
    token_hash: string;
    user_id: string;
    created_at: string;
    expires_at: string;
    used_at: string | null;
  };
  /** Never changed once written: what ends a record is another one. */
  records: {
    id: string;
    tenant_id: string;
    type: RecordType;
    subject: string;
    /** Canonical JSON of shared/record.ts `NachweisRecord`: the content of its leaf. */
    content: string;
    /** SHA-256 of `content`, hex. */
    digest: string;
    /** When the collector took it. */
    recorded_at: string;
    valid_from: string;
    valid_until: string | null;
    /** The earlier record that this one ends. */
    ends_id: string | null;
    /** 0: it says only that. */
    holds: Flag;
    log_index: number;
  };
  /** Restore drills, each with its row in `records`. */
  drills: {
    /** SHA-256 of `envelope`, hex: the same bytes are taken once. */
    envelope_digest: string;
    host_id: string;
    record_id: string;
    /** The agent's claim. */
    began_at: string;
    received_at: string;
    tool: DrillTool;
    job: string;
    outcome: DrillOutcome;
    /** JSON of shared/drill.ts `Drill`. */
    drill: string;
    /** Canonical JSON of the envelope. */
    envelope: string;
  };
  /** What a tenant's policy files say besides grants, every version of it; the newest counts. */
  policy_settings: {
    tenant_id: string;
    version: number;
    /** JSON of server/policy/settings.ts `Settings`. */
    content: string;
    author: string;
    created_at: string;
  };
  /** Every policy that was signed for a host. */
  policies: {
    host_id: string;
    number: number;
    issued_at: string;
    valid_until: string;
    /** SHA-256 of parameters and grants, hex: whether a new one is needed. */
    content_digest: string;
    /** SHA-256 of the envelope: `policyDigest` of reports. */
    envelope_digest: string;
    /** Canonical JSON of the envelope: the content of its leaf. */
    envelope: string;
    log_index: number;
  };
  /** How often each code was refused, by host where one is known (`` otherwise). */
  refusals: { code: string; host_id: string; count: number; last_at: string };
  meta: { key: string; value: string };
}
