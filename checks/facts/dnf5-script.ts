/**
 * The same questions as in `dnf-script.ts` to dnf 5 (Fedora 41 and newer, RHEL 11), through libdnf5's Python interface
 * (package python3-libdnf5), with the same answer. Read-only likewise: caches only, however old, none of them written, no
 * plugin, no log, no lock. What is left out by configuration is looked at first without it, then with it. dnf5 manual:
 * dnf5.conf(5); libdnf5 API reference.
 */
import { RPM_HISTORY_SCRIPT } from './rpm-history-script.ts';

export const DNF5_SCRIPT = `
import sys
try:
    import json, libdnf5
    from libdnf5 import advisory, base as bases, common, repo as repos, rpm
except ImportError:
    sys.exit(77)
${RPM_HISTORY_SCRIPT}
base = bases.Base()
base.load_config()
conf = base.get_config()
conf.get_plugins_option().set(False)
conf.get_cacheonly_option().set('all')
conf.get_build_cache_option().set(False)
conf.get_disable_excludes_option().set('*')
base.setup()
sack = base.get_repo_sack()
sack.create_repos_from_system_configuration()
def enabled():
    query = repos.RepoQuery(base)
    query.filter_enabled(True)
    return [r for r in query if r.get_id() not in ('@System', '@commandline')]
wanted = [r.get_id() for r in enabled()]
for r in enabled():
    r.get_config().get_skip_if_unavailable_option().set(True)
sack.load_repos()
infos = {}
for r in enabled():
    try:
        if r.get_metadata_path('primary'):
            infos[r.get_id()] = r.get_metadata_path('updateinfo')
    except RuntimeError:
        pass
def repo(i):
    return {'id': i, 'loaded': i in infos, 'updateinfo': bool(infos.get(i))}
def pkg(p):
    return {'name': p.get_name(), 'arch': p.get_arch(), 'evr': p.get_evr(), 'repo': p.get_repo_id()}
def newer():
    found = rpm.PackageQuery(base)
    found.filter_upgrades()
    found.filter_latest_evr()
    return [pkg(p) for p in found]
def here(*names):
    found = rpm.PackageQuery(base)
    found.filter_installed()
    if names:
        found.filter_name(list(names))
    return found
everything = [(p.get_name(), p.get_arch(), p.get_evr(), p.get_install_time(), p.get_vendor()) for p in here()]
latest = here()
latest.filter_latest_evr()
have = {(p.get_name(), p.get_arch()): (p.get_evr(), p.get_source_name()) for p in latest}
holes = {}
def security(installed, how):
    query = advisory.AdvisoryQuery(base)
    query.filter_type('security')
    for a in query.get_advisory_packages_sorted(installed, how):
        d = a.get_advisory()
        holes[d.get_name()] = sorted({r.get_id() for r in d.get_references(['cve'])})[:2000]
        yield (a.get_name(), a.get_arch(), a.get_evr()), d.get_name(), d.get_severity(), int(d.get_buildtime())
def done(key):
    found = here(key[0])
    found.filter_arch([key[1]])
    found.filter_evr([key[2]], common.QueryCmp_GTE)
    return not found.empty()
waiting = [w for w in security(latest, common.QueryCmp_GT) if not done(w[0])]
upgrades = newer()
history = events('/usr/lib/sysimage/libdnf5/transaction_history.sqlite', """
select t.dt_end, a.name in ('Install', 'Upgrade', 'Downgrade', 'Reinstall'), n.name, c.name, %s
from trans t join trans_state s on s.id = t.state_id join trans_item i on i.trans_id = t.id
join trans_item_action a on a.id = i.action_id join rpm r on r.item_id = i.item_id
join pkg_name n on n.id = r.name_id join arch c on c.id = r.arch_id
where s.name = 'Ok' and a.name <> 'Reason Change' and t.dt_end order by t.dt_end, t.id
""" % EVR)
began = rows('/usr/lib/sysimage/libdnf5/transaction_history.sqlite', """
select t.dt_begin, s.name from trans t join trans_state s on s.id = t.state_id order by t.id desc limit 1
""") or []
moved = {p[0] for p in everything if p[3] >= START} | {e[2] for e in history or []}
changed = here(*sorted(moved))
changed.filter_latest_evr()
fixed = list(security(changed, common.QueryCmp_LTE)) if moved else []
first = issued([i for i in infos.values() if i], {w[1] for w in waiting + fixed})
available = rpm.PackageQuery(base)
available.filter_available()
sourced = {p.get_name() for p in available}
packages = [p for p in everything if p[0] != 'gpg-pubkey']
core = sorted({p[0] for p in packages if p[0] in ('glibc', 'systemd', 'bash', 'openssl-libs', 'rpm')})
vendors = {p[4] for p in packages if p[0] in core} - {None, ''}
conf.get_disable_excludes_option().set([])
base.get_rpm_package_sack().load_config_excludes_includes()
print(json.dumps({'dnf': '5', 'installed': len(everything), 'repos': [repo(i) for i in wanted],
    'waiting': [{'id': i, 'severity': s or '', 'published': at, 'issued': first.get(i, 0), 'name': k[0], 'arch': k[1],
        'evr': k[2], **dict(zip(('installed', 'source'), have.get((k[0], k[1]), ('', ''))))} for k, i, s, at in waiting],
    'holes': {w[1]: holes[w[1]] for w in waiting},
    'upgrades': upgrades, 'offered': newer(), 'unsupplied': [n for n in core if n not in sourced],
    'orphans': sorted({p[0] for p in packages if p[4] in vendors} - sourced),
    'hidden': [], 'nowhere': sorted({(p[0], p[2]) for p in packages if p[0] not in sourced}),
    'unfinished': [r[0] for r in began if r[1] == 'Started'], 'events': history, 'present': [list(p[:4]) for p in packages if p[0] in moved],
    'fixed': [[*k, first.get(i, 0)] for k, i, _, _ in fixed]}))
`;
