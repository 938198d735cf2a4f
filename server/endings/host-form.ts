/** A record to fill in for one host, with what is known of its disks: pure. */
import type { StatusHost } from '../../shared/clause-status.ts';
import { normalSerial } from '../../shared/disks.ts';
import { kindOf, type Obligation } from '../../shared/obligations.ts';
import type { Language } from '../../shared/outcome.ts';
import { disposalForm, type FormDisk, serverErasureForm, vmErasureForm } from '../../shared/record-form.ts';

export interface FormFor {
  readonly tenant: string;
  readonly host: StatusHost;
  readonly owed: readonly Obligation[];
  readonly type: 'erasure' | 'disposal';
}

export function hostForm({ tenant, host, owed, type }: FormFor, language: Language): string {
  const about = { tenant, hostId: host.id, hostName: host.name };
  const none: FormDisk = { name: '', serial: '', model: '', bytes: 0 };
  const open = owed.filter((one) => one.hostId === host.id && one[type].state === 'open');
  // A VM that was a server before may still owe for the disks it had then: those first, disk by disk.
  if (kindOf(host) === 'vm' && !open.some(({ what }) => what.type === 'disk')) {
    const devices = (host.disks?.devices ?? []).map((device) => ({ ...none, ...device }));
    return vmErasureForm({ ...about, disks: devices.length > 0 ? devices : [none] }, language);
  }
  const ledger = host.disks?.ledger ?? [];
  // While something is owed only that; else all that is there, for a host that is about to end.
  const wanted = open.flatMap(({ what }) => (what.type === 'disk' ? [what.serial] : []));
  const disks: FormDisk[] = ledger.filter(({ serial, goneAt }) =>
    open.length > 0 ? wanted.includes(serial) : goneAt === null,
  );
  const unseen = (host.disks?.unidentified ?? []).map(({ disk }) => disk);
  const nameless = open.length === 0 || open.some(({ what }) => what.type === 'unidentified') ? unseen : [];
  const listed = [...disks, ...nameless];
  const all = { ...about, disks: listed.length > 0 ? listed : [none] };
  const own = new Set(ledger.map(({ serial }) => serial));
  return type === 'erasure'
    ? serverErasureForm(all, ({ serial }) => own.has(normalSerial(serial)), language)
    : disposalForm(all, language);
}
