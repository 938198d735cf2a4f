/** What proves that a disk was erased or disposed of, and a VM's volumes erased: the words of records, and whether they count. Pure. */
import type { StatusHost } from './clause-status.ts';
import { tooWeak } from './destruction.ts';
import { normalSerial } from './disks.ts';
import type { DisposalTerms } from './disposal.ts';
import { type ErasureTerms, isDestruction } from './erasure.ts';
import type { LedgerDisk, Obligation } from './obligations.ts';
import type { Text } from './outcome.ts';

/** A record of erasure or disposal as obligations need it. */
export type MediaRecord = {
  readonly id: string;
  /** When the collector took it. */
  readonly recordedAt: string;
  readonly revokedAt: string | null;
  readonly attachments: number;
} & (
  | { readonly type: 'erasure'; readonly terms: ErasureTerms }
  | { readonly type: 'disposal'; readonly terms: DisposalTerms }
);

export interface Settlement {
  /** `not-needed`: nothing of this kind is owed, such as a disposal of what is used on. */
  readonly state: 'settled' | 'open' | 'not-needed';
  /** The record that it rests on. */
  readonly record: string | null;
  /** How it was settled, or why the records that name it do not count. */
  readonly reason: Text | null;
}

const text = (de: string, en: string): Text => ({ de, en });
const moment = (instant: string) => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
const open = (reason: Text | null = null): Settlement => ({ state: 'open', record: null, reason });
const notNeeded = (reason: Text): Settlement => ({ state: 'not-needed', record: null, reason });

/** Why what a record tells of can't be about this: too early, or not yet. */
function wrongTime(at: string, lastSeenAt: string, now: string): Text | undefined {
  if (at > now) return text(`liegt in der Zukunft (${moment(at)})`, `is in the future (${moment(at)})`);
  if (at < lastSeenAt)
    return text(
      `vom ${moment(at)}, also vor dem letzten Bericht, der ihn noch zeigt (${moment(lastSeenAt)})`,
      `of ${moment(at)}, which is before the last report that still shows it (${moment(lastSeenAt)})`,
    );
  return undefined;
}

const noCertificate = text('ohne Bescheinigung', 'has no certificate attached');

/** One record's word on one disk. `reject`: it names the disk, but does not count, and why. */
type Word =
  | { readonly erases: boolean; readonly disposes: 'yes' | 'no' | 'not-needed'; readonly how: Text }
  | { readonly reject: Text };

function wordOn(
  disk: Pick<LedgerDisk, 'serial' | 'name' | 'rotational'> | undefined,
  record: MediaRecord,
  serial: string,
  lastSeenAt: string,
  now: string,
): Word | undefined {
  if (record.type === 'erasure') {
    if (record.terms.kind !== 'server') return undefined;
    const entry = record.terms.disks.find((one) => normalSerial(one.serial) === serial);
    if (!entry) return undefined;
    const { method } = entry;
    const early = wrongTime(record.terms.at, lastSeenAt, now);
    if (early) return { reject: early };
    if (record.attachments === 0) return { reject: noCertificate };
    if (isDestruction(method)) {
      const weak = tooWeak(method, disk);
      if (weak) return { reject: weak };
      const how = text(
        `vernichtet, ${method.material}-${method.level}, Schutzklasse ${method.class}`,
        `destroyed, ${method.material}-${method.level}, protection class ${method.class}`,
      );
      return { erases: true, disposes: 'yes', how };
    }
    const how = text(
      `gelöscht (${method.action}, ${method.tool})`,
      `erased (${method.action}, ${method.tool})`,
    );
    const leaves = method.next === undefined || method.next === 'disposal';
    return { erases: true, disposes: leaves ? 'no' : 'not-needed', how };
  }
  if (record.terms.kind === 'warranty') {
    if (!record.terms.disks.some((one) => normalSerial(one.serial) === serial)) return undefined;
    // The agreement may be older; that the disk has left under it can only be recorded once it has.
    const { agreedWith, agreedAt } = record.terms;
    const wrong = wrongTime(record.recordedAt, lastSeenAt, now) ?? wrongTime(agreedAt, agreedAt, now);
    if (wrong) return { reject: wrong };
    const how = text(`Gewährleistung, vereinbart mit ${agreedWith}`, `warranty, agreed with ${agreedWith}`);
    return { erases: true, disposes: 'yes', how };
  }
  const entry = record.terms.disks.find((one) => normalSerial(one.serial) === serial);
  if (!entry) return undefined;
  const early = wrongTime(record.terms.at, lastSeenAt, now);
  if (early) return { reject: early };
  if (record.attachments === 0) return { reject: noCertificate };
  const weak = tooWeak(entry, disk);
  if (weak) return { reject: weak };
  const how = text(
    `vernichtet durch ${record.terms.firm}, ${entry.material}-${entry.level}, Schutzklasse ${entry.class}`,
    `destroyed by ${record.terms.firm}, ${entry.material}-${entry.level}, protection class ${entry.class}`,
  );
  return { erases: true, disposes: 'yes', how };
}

type Settled = Pick<Obligation, 'erasure' | 'disposal'>;

export function settleDisk(
  disk: LedgerDisk,
  lastSeenAt: string,
  records: readonly MediaRecord[],
  now: string,
): Settled {
  const words = records.flatMap((record) => {
    const word = wordOn(disk, record, disk.serial, lastSeenAt, now);
    return word ? [{ record, word }] : [];
  });
  return fromWords(words);
}

function fromWords(words: readonly { record: MediaRecord; word: Word }[]): Settled {
  const counting = words.flatMap(({ record, word }) => ('reject' in word ? [] : [{ record, word }]));
  const rejected = words.flatMap(({ word }) => ('reject' in word ? [word.reject] : [])).at(-1);
  const why = rejected
    ? text(`Der Nachweis zählt nicht: ${rejected.de}.`, `The record does not count: ${rejected.en}.`)
    : null;
  const settled = (wanted: (word: Exclude<Word, { reject: Text }>) => boolean): Settlement | undefined => {
    const found = counting.find(({ word }) => wanted(word));
    return found && { state: 'settled', record: found.record.id, reason: found.word.how };
  };
  const erasure = settled(({ erases }) => erases) ?? open(why);
  const kept = counting.find(({ word }) => word.disposes === 'not-needed');
  const disposal =
    settled(({ disposes }) => disposes === 'yes') ??
    (kept && !counting.some(({ word }) => word.disposes === 'no')
      ? notNeeded(kept.word.how)
      : open(
          why ??
            (counting.length > 0
              ? text(
                  'Gelöscht, aber noch ohne Entsorgungsnachweis.',
                  'Erased, but its disposal is not recorded yet.',
                )
              : null),
        ));
  return { erasure, disposal };
}

/** Disks without a number that reports could show: the record must name as many others as there were. */
export function settleUnidentified(
  host: StatusHost,
  count: number,
  lastSeenAt: string,
  records: readonly MediaRecord[],
  now: string,
): Settled {
  const known = new Set((host.disks?.ledger ?? []).map(({ serial }) => serial));
  const own = records.filter(
    (record) => record.type === 'erasure' && record.terms.kind === 'server' && record.terms.host === host.id,
  );
  const named = new Set(
    own.flatMap(({ terms }) =>
      'disks' in terms ? terms.disks.map(({ serial }) => normalSerial(serial)) : [],
    ),
  );
  const others = [...named].filter((serial) => !known.has(serial));
  const each = others.map((serial) =>
    fromWords(
      records.flatMap((record) => {
        const word = wordOn(undefined, record, serial, lastSeenAt, now);
        return word ? [{ record, word }] : [];
      }),
    ),
  );
  const enough = (of: (settled: Settled) => Settlement): Settlement => {
    const done = each.map(of).filter(({ state }) => state !== 'open');
    if (done.length >= count) return done.find(({ state }) => state === 'settled') ?? (done[0] as Settlement);
    const why = each.map(of).find(({ state, reason }) => state === 'open' && reason)?.reason;
    return open(
      why ??
        (others.length > 0
          ? text(
              `Der Nachweis nennt ${others.length} von ${count} Datenträgern, die sich nicht an einer Seriennummer erkennen lassen.`,
              `The record names ${others.length} of ${count} disks that can not be told apart by a serial number.`,
            )
          : null),
    );
  };
  return { erasure: enough(({ erasure }) => erasure), disposal: enough(({ disposal }) => disposal) };
}

function vmRecords(host: StatusHost, records: readonly MediaRecord[]) {
  return records.flatMap((record) =>
    record.type === 'erasure' && record.terms.kind === 'vm' && record.terms.host === host.id
      ? [{ id: record.id, terms: record.terms }]
      : [],
  );
}

export function settleWholeVm(
  host: StatusHost,
  records: readonly MediaRecord[],
  lastSeenAt: string,
  now: string,
): Settlement {
  return vmSettlement(vmRecords(host, records), lastSeenAt, now);
}

export function settleVolume(
  host: StatusHost,
  device: string,
  records: readonly MediaRecord[],
  lastSeenAt: string,
  now: string,
): Settlement {
  return vmSettlement(
    vmRecords(host, records).filter(({ terms }) => terms.volumes.some((one) => one.device === device)),
    lastSeenAt,
    now,
  );
}

function vmSettlement(named: ReturnType<typeof vmRecords>, lastSeenAt: string, now: string): Settlement {
  const good = named.find(({ terms }) => !wrongTime(terms.at, lastSeenAt, now));
  if (good)
    return {
      state: 'settled',
      record: good.id,
      reason: text(
        `${good.terms.method}, bestätigt von ${good.terms.confirmedBy}`,
        `${good.terms.method}, confirmed by ${good.terms.confirmedBy}`,
      ),
    };
  const [bad] = named.map(({ terms }) => wrongTime(terms.at, lastSeenAt, now));
  return open(
    bad ? text(`Der Nachweis zählt nicht: ${bad.de}.`, `The record does not count: ${bad.en}.`) : null,
  );
}
