#!/bin/sh
set -e

if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = remove ] && [ -x /usr/bin/deb-systemd-helper ]; then
  deb-systemd-helper mask nachweis-report.timer >/dev/null || true
fi
if [ "$1" = purge ]; then
  if [ -x /usr/bin/deb-systemd-helper ]; then
    for timer in nachweis-report.timer nachweis-probe-backup.timer nachweis-drill.timer; do
      deb-systemd-helper purge "$timer" >/dev/null || true
      deb-systemd-helper unmask "$timer" >/dev/null || true
    done
  fi
  # The key of this host goes with it: to report again it must be enrolled anew.
  rm -rf /var/lib/nachweis /var/cache/nachweis-drill
  rm -f /var/lib/systemd/timers/stamp-nachweis-*.timer
  rmdir --ignore-fail-on-non-empty /etc/nachweis/backup.d /etc/nachweis 2>/dev/null || true
fi
