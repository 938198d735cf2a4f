#!/bin/sh
set -e

# Also before an upgrade: a round of the old version ends before its files go.
if [ -d /run/systemd/system ]; then
  if [ "$1" = remove ]; then
    deb-systemd-invoke stop nachweis-report.timer nachweis-probe-backup.timer nachweis-drill.timer >/dev/null || true
  fi
  deb-systemd-invoke stop nachweis-report.service nachweis-probe-backup.service nachweis-drill.service >/dev/null || true
fi
