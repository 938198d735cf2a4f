if [ "$1" = 0 ] && [ -x /usr/bin/systemctl ]; then
  systemctl disable nachweis-collector.service >/dev/null 2>&1 || :
  if [ -d /run/systemd/system ]; then
    systemctl stop nachweis-collector.service >/dev/null 2>&1 || :
  fi
fi
