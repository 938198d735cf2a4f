if [ "$1" = 1 ]; then
  chown root:nachweis-collector /etc/nachweis-collector/collector.yaml
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload >/dev/null 2>&1 || :
  systemctl try-restart nachweis-collector.service >/dev/null 2>&1 || :
fi
if [ "$1" = 1 ]; then
  echo "Start it: systemctl enable --now nachweis-collector" >&2
fi
