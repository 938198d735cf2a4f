/**
 * Reads every page of rpm's SQLite database (RHEL 9 and newer, Fedora): `PRAGMA quick_check`, sqlite.org/pragma.html. rpm's
 * own `rpmdb --verifydb` takes rpm's transaction lock, so that it waits for an upgrade and keeps one waiting; this takes none.
 * Without a journal nothing else is touched; readers of a journal keep nobody waiting either.
 */
export const RPM_VERIFY_SCRIPT = `
import os, sys
try:
    import sqlite3
except ImportError:
    sys.exit(77)
for path in ('/usr/lib/sysimage/rpm/rpmdb.sqlite', '/var/lib/rpm/rpmdb.sqlite'):
    if not os.path.exists(path):
        continue
    journal = os.path.exists(path + '-wal') and os.path.getsize(path + '-wal')
    try:
        base = sqlite3.connect('file:%s?mode=ro%s' % (path, '' if journal else '&immutable=1'), uri=True)
        print(base.execute('pragma quick_check(1)').fetchone()[0])
        base.close()
    except sqlite3.OperationalError as error:
        print(error)
        sys.exit(2)
    except sqlite3.DatabaseError as error:
        print(error)
    break
`;
