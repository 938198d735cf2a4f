# What lies in /var/lib/nachweis stays: the key of this host, and reports that wait.
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload >/dev/null 2>&1 || :
fi
