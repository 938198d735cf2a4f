if [ -d /run/systemd/system ]; then
  systemctl daemon-reload >/dev/null 2>&1 || :
fi
# The first time it is enabled; afterwards as the administrator left it.
if [ "$1" = 1 ] && [ -x /usr/bin/systemctl ]; then
  systemctl enable nachweis-report.timer >/dev/null 2>&1 || :
  if [ -d /run/systemd/system ]; then
    systemctl start nachweis-report.timer >/dev/null 2>&1 || :
  fi
  echo "Next: nachweis enrol asks for the line from the collector." >&2
fi
