if [ "$1" = 0 ] && [ -x /usr/bin/systemctl ]; then
  for timer in nachweis-report.timer nachweis-probe-backup.timer nachweis-drill.timer; do
    systemctl disable "$timer" >/dev/null 2>&1 || :
    if [ -d /run/systemd/system ]; then
      systemctl stop "$timer" "${timer%.timer}.service" >/dev/null 2>&1 || :
    fi
  done
fi
