/**
 * What dnf 4 is asked, through its own Python interface: the solver's view of the caches as they are. The command line
 * takes a lock and writes logs even with `-C`, and prints text for people; this loads the same sack, downloads nothing,
 * takes no lock, writes neither log nor cache, loads no plugin, and prints JSON. What the interface lacks in another
 * version ends in an error, which becomes `unknown`. dnf API reference, hawkey reference. Python 3.6 (RHEL 8) and newer.
 */
import { RPM_HISTORY_SCRIPT } from './rpm-history-script.ts';

export const DNF_SCRIPT = `
import sys
try:
    import contextlib, json, dnf, dnf.const, dnf.lock, dnf.package, dnf.sack, hawkey
except ImportError:
    sys.exit(77)
${RPM_HISTORY_SCRIPT}
dnf.lock.build_metadata_lock = lambda *a, **k: contextlib.ExitStack()
dnf.sack._build_sack = lambda b: dnf.sack.Sack(pkgcls=dnf.package.Package, pkginitval=b,
    arch=b.conf.substitutions['arch'], cachedir=b.conf.cachedir, rootdir=b.conf.installroot)
base = dnf.Base()
conf = base.conf
conf.read()
conf.substitutions.update_from_etc(installroot=conf.installroot, varsdir=conf.varsdir)
conf.cachedir = conf.system_cachedir
conf.gpgkey_dns_verification = False
base.read_all_repos()
wanted = [r.id for r in base.repos.iter_enabled()]
for r in base.repos.iter_enabled():
    r.skip_if_unavailable = True
base.fill_sack_from_repos_in_cache()
loaded = {r.id for r in base.repos.iter_enabled()}
infos = {i: base.repos[i]._repo.getMetadataPath('updateinfo') for i in loaded}
def repo(i):
    return {'id': i, 'loaded': i in loaded, 'updateinfo': bool(infos.get(i))}
def pkg(p):
    return {'name': p.name, 'arch': p.arch, 'evr': p.evr, 'repo': p.reponame}
every = base.sack.query(flags=hawkey.IGNORE_EXCLUDES)
installed = every.installed()
have = {(p.name, p.arch): (p.evr, p.source_name or '') for p in installed.latest()}
def here(a):
    return dict(zip(('installed', 'source'), have.get((a.name, a.arch), ('', ''))))
def security(query, how):
    for a in query.get_advisory_pkgs(how):
        d = a.get_advisory(base.sack)
        if d.type == hawkey.ADVISORY_SECURITY:
            yield a, d, int(d.updated.timestamp())
waiting = [w for w in security(installed.latest(), hawkey.GT)
    if not len(installed.filter(name=w[0].name, arch=w[0].arch, evr__gte=w[0].evr))]
history = events('/var/lib/dnf/history.sqlite', """
select t.dt_end, i.action in (1, 2, 4, 6, 9), r.name, r.arch, %s
from trans t join trans_item i on i.trans_id = t.id join rpm r on r.item_id = i.item_id
where t.state = 1 and i.state = 1 and i.action between 1 and 10 and t.dt_end order by t.dt_end, t.id
""" % EVR)
began = rows('/var/lib/dnf/history.sqlite', 'select dt_begin, state from trans order by id desc limit 1') or []
moved = {p.name for p in installed if p.installtime >= START} | {e[2] for e in history or []}
fixed = list(security(installed.filter(name=sorted(moved)).latest(), hawkey.LT | hawkey.EQ)) if moved else []
first = issued(infos.values(), {d.id for _, d, _ in waiting + fixed})
names = sorted({p.name for p in installed} - {'gpg-pubkey'})
sourced = {p.name for p in every.available().filter(name=names)} if names else set()
shown = base.sack.query(flags=hawkey.IGNORE_REGULAR_EXCLUDES).available()
active = {p.name for p in shown.filter(name=names)} if names else set()
core = sorted({p.name for p in installed.filter(name=['glibc', 'systemd', 'bash', 'openssl-libs', 'rpm'])})
vendors = {p.vendor for p in installed.filter(name=core)} - {None, ''}
print(json.dumps({'dnf': dnf.const.VERSION, 'installed': len(installed), 'repos': [repo(i) for i in wanted],
    'waiting': [{'id': d.id, 'severity': d.severity or '', 'published': at, 'issued': first.get(d.id, 0), 'name': a.name,
        'arch': a.arch, 'evr': a.evr, **here(a)} for a, d, at in waiting],
    'holes': {d.id: sorted({r.id for r in d.references if r.type == hawkey.REFERENCE_CVE})[:2000] for _, d, _ in waiting},
    'upgrades': [pkg(p) for p in every.upgrades().latest()],
    'offered': [pkg(p) for p in base.sack.query().upgrades().latest()],
    'unsupplied': [n for n in core if n not in sourced],
    'orphans': sorted({p.name for p in installed if p.vendor in vendors and p.name != 'gpg-pubkey'} - sourced),
    'hidden': sorted(sourced - active),
    'nowhere': sorted({(p.name, p.evr) for p in installed if p.name != 'gpg-pubkey' and p.name not in sourced}),
    'unfinished': [r[0] for r in began if r[1] == 0], 'events': history, 'present': [[p.name, p.arch, p.evr, p.installtime] for p in installed if p.name in moved],
    'fixed': [[a.name, a.arch, a.evr, first.get(d.id, 0)] for a, d, _ in fixed]}))
`;
