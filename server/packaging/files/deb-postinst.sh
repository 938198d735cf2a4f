#!/bin/sh
set -e

if [ "$1" = configure ]; then
  systemd-sysusers nachweis-collector.conf
  # On an upgrade as the administrator left it.
  if [ -z "$2" ]; then
    chown root:nachweis-collector /etc/nachweis-collector/collector.yaml
  fi
  install -d -m 0700 -o nachweis-collector -g nachweis-collector /var/lib/nachweis-collector
  deb-systemd-helper unmask nachweis-collector.service >/dev/null || true
  if deb-systemd-helper --quiet was-enabled nachweis-collector.service; then
    deb-systemd-helper enable nachweis-collector.service >/dev/null || true
  else
    deb-systemd-helper update-state nachweis-collector.service >/dev/null || true
  fi
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    deb-systemd-invoke restart nachweis-collector.service >/dev/null || true
    echo "The line for the first sign-in: journalctl -u nachweis-collector -g 'First sign-in'" >&2
  fi
fi
