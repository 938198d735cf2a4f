/**
 * What dnf 4 is asked, through its own Python interface: the solver's view of the caches as they are. The command line
 * takes a lock and writes logs even with `-C`, and prints text for people; this loads the same sack, downloads nothing,
 * takes no lock, writes neither log nor cache, loads no plugin, and prints JSON. What the interface lacks in another
 * version ends in an error, which becomes `unknown`. dnf API reference, hawkey reference.
 */
export const DNF_SCRIPT = `
import sys
try:
    import contextlib, json, dnf, dnf.const, dnf.lock, dnf.package, dnf.sack, hawkey
except ImportError:
    sys.exit(77)
dnf.lock.build_metadata_lock = lambda *a, **k: contextlib.nullcontext()
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
def repo(i):
    info = i in loaded and bool(base.repos[i]._repo.getMetadataPath('updateinfo'))
    return {'id': i, 'loaded': i in loaded, 'updateinfo': info}
def pkg(p):
    return {'name': p.name, 'arch': p.arch, 'evr': p.evr, 'repo': p.reponame}
every = base.sack.query(flags=hawkey.IGNORE_EXCLUDES)
installed = every.installed()
have = {(p.name, p.arch): p.evr for p in installed.latest()}
waiting = []
for a in installed.latest().get_advisory_pkgs(hawkey.GT):
    if len(installed.filter(name=a.name, arch=a.arch, evr__gte=a.evr)):
        continue
    d = a.get_advisory(base.sack)
    if d.type != hawkey.ADVISORY_SECURITY:
        continue
    waiting.append({'id': d.id, 'severity': d.severity or '', 'published': int(d.updated.timestamp()),
        'name': a.name, 'arch': a.arch, 'evr': a.evr, 'installed': have.get((a.name, a.arch), '')})
core = sorted({p.name for p in installed.filter(name=['glibc', 'systemd', 'bash', 'openssl-libs', 'rpm'])})
known = {p.name for p in every.available().filter(name=core)}
vendors = {p.vendor for p in installed.filter(name=core)} - {None, ''}
own = sorted({p.name for p in installed if p.vendor in vendors and p.name != 'gpg-pubkey'})
sourced = {p.name for p in every.available().filter(name=own)} if own else set()
print(json.dumps({'dnf': dnf.const.VERSION, 'installed': len(installed), 'repos': [repo(i) for i in wanted],
    'waiting': waiting, 'upgrades': [pkg(p) for p in every.upgrades().latest()],
    'offered': [pkg(p) for p in base.sack.query().upgrades().latest()], 'unsupplied': [n for n in core if n not in known],
    'orphans': [n for n in own if n not in sourced]}))
`;
