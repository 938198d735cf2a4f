# An older version must not misread what a newer one wrote.
mark=/var/lib/nachweis/format.json
if [ -r "$mark" ]; then
  format="$(sed -n 's/.*"nachweis\.state\/\([0-9]*\)".*/\1/p' "$mark")"
  if [ "${format:-1}" -gt @STATE_FORMAT@ ]; then
    echo "STATE_NEWER: /var/lib/nachweis was written by a newer version of nachweis (format $format). Install that version or a later one." >&2
    exit 1
  fi
fi
exit 0
