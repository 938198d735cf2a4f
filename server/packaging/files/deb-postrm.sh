#!/bin/sh
set -e

if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = remove ] && [ -x /usr/bin/deb-systemd-helper ]; then
  deb-systemd-helper mask nachweis-collector.service >/dev/null || true
fi
if [ "$1" = purge ]; then
  if [ -x /usr/bin/deb-systemd-helper ]; then
    deb-systemd-helper purge nachweis-collector.service >/dev/null || true
    deb-systemd-helper unmask nachweis-collector.service >/dev/null || true
  fi
  # /var/lib/nachweis-collector holds evidence that contracts may rest on: only people remove it.
  if [ -d /var/lib/nachweis-collector ]; then
    echo "Kept: /var/lib/nachweis-collector (keys, database, evidence). Remove it by hand when nobody needs it." >&2
  fi
fi
