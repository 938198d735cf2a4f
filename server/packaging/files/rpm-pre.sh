getent group nachweis-collector >/dev/null || groupadd -r nachweis-collector
getent passwd nachweis-collector >/dev/null || useradd -r -g nachweis-collector -d /var/lib/nachweis-collector -s /sbin/nologin nachweis-collector
exit 0
