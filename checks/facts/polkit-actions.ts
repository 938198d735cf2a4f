/** What a polkit action amounts to for whoever may take it without asking: pkaction(1). Pure. */

/** `root`: it makes root; `none`: it does not; `unclear`: not told here. */
export type ActionPower = 'root' | 'none' | 'unclear';

/** An action, or with `prefix` all that begin so. */
export interface ActionPattern {
  readonly id: string;
  readonly prefix: boolean;
}

/** Starting any program or unit, writing any file, installing any package, making administrators. */
const ROOT: readonly string[] = [
  'org.freedesktop.policykit.exec',
  'org.freedesktop.systemd1.manage-units',
  'org.freedesktop.systemd1.manage-unit-files',
  'org.freedesktop.systemd1.set-environment',
  'org.freedesktop.machine1.shell',
  'org.freedesktop.machine1.host-shell',
  'org.freedesktop.machine1.host-open-pty',
  'org.freedesktop.machine1.manage-machines',
  'org.freedesktop.portable1.attach-images',
  'org.freedesktop.accounts.user-administration',
  'org.freedesktop.packagekit.package-install',
  'org.freedesktop.packagekit.package-install-untrusted',
  'org.freedesktop.packagekit.system-sources-configure',
  'org.freedesktop.udisks2.modify-device-system',
  'org.freedesktop.udisks2.open-device-system',
  'org.gtk.vfs.file-operations',
  'org.gtk.vfs.file-operations-helper',
  'org.libvirt.unix.manage',
  'com.ubuntu.pkexec.synaptic',
];

/** Power, network, time, names, colours, sound and printers: a nuisance at worst. */
const NONE: readonly string[] = [
  'org.freedesktop.login1.',
  'org.freedesktop.NetworkManager.',
  'org.freedesktop.ModemManager1.',
  'org.freedesktop.hostname1.',
  'org.freedesktop.locale1.',
  'org.freedesktop.timedate1.',
  'org.freedesktop.timesync1.',
  'org.freedesktop.network1.',
  'org.freedesktop.resolve1.',
  'org.freedesktop.upower.',
  'org.freedesktop.UPower.',
  'org.freedesktop.color-manager.',
  'org.freedesktop.color.',
  'org.freedesktop.RealtimeKit1.',
  'org.freedesktop.bolt.',
  'org.freedesktop.GeoClue2.',
  'org.freedesktop.packagekit.system-sources-refresh',
  'org.freedesktop.packagekit.system-network-proxy-configure',
  'org.freedesktop.packagekit.system-update',
  'org.freedesktop.packagekit.upgrade-system',
  'org.freedesktop.packagekit.trigger-offline-update',
  'org.freedesktop.packagekit.clear-offline-update',
  'org.freedesktop.udisks2.filesystem-mount',
  'org.freedesktop.udisks2.filesystem-unmount-others',
  'org.freedesktop.udisks2.eject-media',
  'org.freedesktop.udisks2.power-off-drive',
  'org.freedesktop.fwupd.',
  'org.blueman.',
  'org.bluez.',
  'org.opensuse.cupspkhelper.',
  'com.endlessm.ParentalControls.',
  'com.feralinteractive.GameMode.',
  'org.gnome.controlcenter.datetime.',
  'org.usbguard',
  'org.libvirt.unix.monitor',
  'org.debian.pcsc-lite.',
];

export function powerOf({ id, prefix }: ActionPattern): ActionPower {
  if (prefix ? ROOT.some((one) => one.startsWith(id)) : ROOT.includes(id)) return 'root';
  return NONE.some((one) => id.startsWith(one)) ? 'none' : 'unclear';
}
