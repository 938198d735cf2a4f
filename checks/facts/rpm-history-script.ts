/**
 * What the scripts for dnf 4 and dnf 5 share: days of issue, and the history of transactions, also a last one without end.
 *
 *   issued    An advisory has two days, and libsolv keeps the later one, that of its last revision. The first is in
 *             updateinfo.xml alone, which Python reads where it is packed with gzip, xz or bzip2, from 3.14 on with zstd; of
 *             others nothing is returned, and the day of issue is not known.
 *   events    SQLite database in WAL mode. Without a journal it is opened as immutable: nothing is touched. With one it
 *             is opened read-only: readers of a journal keep nobody waiting. An index of the journal is never made.
 *
 * https://www.sqlite.org/wal.html, https://www.sqlite.org/uri.html
 */
export const RPM_HISTORY_SCRIPT = `
import bz2, calendar, gzip, lzma, os, re, sqlite3, time
try:
    from compression import zstd
except ImportError:
    zstd = None
PACKED = {'.gz': gzip.open, '.xz': lzma.open, '.bz2': bz2.open, '.xml': open, '.zst': zstd and zstd.open}
DAYS, MOST = 100, 20000
START = int(time.time()) - DAYS * 86400
def instant(text):
    text = text.strip()
    if text.isdigit():
        return int(text)
    for form in ('%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%Y-%m-%d %H:%M', '%Y-%m-%dT%H:%M:%SZ', '%Y-%m-%d %H:%M:%S UTC'):
        try:
            return calendar.timegm(time.strptime(text, form))
        except ValueError:
            pass
    return 0
def issued(paths, ids):
    days = {}
    for path in paths:
        how = PACKED.get(os.path.splitext(path)[1])
        if not ids or how is None:
            continue
        rest = b''
        try:
            with how(path, 'rb') as file:
                while len(rest) < 1 << 25:
                    piece = file.read(1 << 20)
                    blocks = (rest + piece).split(b'<update ')
                    rest = blocks.pop() if piece else b''
                    for block in blocks:
                        name = re.search(rb'<id>([^<]{1,300})</id>', block)
                        day = re.search(rb'<issued date=["\\']([^"\\']{1,40})', block)
                        key = name.group(1).decode('utf-8', 'replace').strip() if name else ''
                        if day and key in ids:
                            at = instant(day.group(1).decode('ascii', 'replace'))
                            days[key] = min(at, days.get(key, at))
                    if not piece:
                        break
        except Exception:
            continue
    return days
def rows(path, sql):
    try:
        journal = os.path.getsize(path + '-wal') if os.path.exists(path + '-wal') else 0
        if journal and not os.path.exists(path + '-shm'):
            return None
        base = sqlite3.connect('file:%s?mode=ro%s' % (path, '' if journal else '&immutable=1'), uri=True)
        every = [list(row) for row in base.execute(sql)]
        base.close()
    except (OSError, sqlite3.Error):
        return None
    return every
def events(path, sql):
    every = rows(path, sql)
    if every is None:
        return None
    names = {row[2] for row in every if row[0] >= START}
    found = [row for row in every if row[2] in names]
    return found if len(found) <= MOST else None
EVR = "(case when r.epoch then r.epoch || ':' else '' end) || r.version || '-' || r.release"
`;
