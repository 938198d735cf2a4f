/** login.remote-services */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type RemoteService, remoteServices } from '../facts/remote-services.ts';
import { type TrustFile, trustFiles } from '../facts/trust-files.ts';

const WANTED: Text = {
  en: 'no service that lets people in without proof',
  de: 'kein Dienst, der ohne Nachweis einlässt',
};
const NO_TRUST: Text = { en: 'no such file', de: 'keine solche Datei' };

function describe({ source, line, what, why, loopback }: RemoteService): Evidence {
  const where = loopback
    ? { en: ', from this system only', de: ', nur von diesem System aus' }
    : { en: '', de: '' };
  return evidence({
    source,
    line,
    found: { en: `${what}: ${why.en}${where.en}`, de: `${what}: ${why.de}${where.de}` },
    wanted: WANTED,
  });
}

const describeTrust = ({ source, entries, account }: TrustFile): Evidence =>
  evidence({
    source,
    found: {
      en: `${entries} entries${account === undefined ? '' : ` for the account ${account}`}`,
      de: `${entries} Einträge${account === undefined ? '' : ` für das Konto ${account}`}`,
    },
    wanted: NO_TRUST,
  });

export const remoteServicesCheck = defineCheck({
  id: 'login.remote-services',
  title: {
    en: 'No service lets people in without proof',
    de: 'Kein Dienst lässt ohne Nachweis der Identität ein',
  },
  why: {
    en: 'Telnet and the r-services, VNC and web shells without authentication, X over TCP and an open Docker port lead into the system past its login, or show everybody on the way the password.',
    de: 'Telnet und die r-Dienste, VNC und Web-Shells ohne Anmeldung, X über TCP und ein offener Docker-Port führen an der Anmeldung vorbei ins System oder zeigen jedem auf dem Weg das Passwort.',
  },
  remedy: {
    en: 'Stop and disable the service named (systemctl disable --now, or its line in inetd.conf or xinetd.d), or give it authentication; remove hosts.equiv, .rhosts and .shosts. SSH takes the place of telnet and the r-services.',
    de: 'Den genannten Dienst beenden und deaktivieren (systemctl disable --now, oder seine Zeile in inetd.conf oder xinetd.d), oder ihm eine Anmeldung geben; hosts.equiv, .rhosts und .shosts löschen. SSH ersetzt Telnet und die r-Dienste.',
  },
  severity: 'critical',
  params: z.strictObject({}),
  needs: { remoteServices, trustFiles },
  appliesTo: always,
  evaluate: (facts) => {
    const services = facts.remoteServices.state === 'known' ? facts.remoteServices.value.services : [];
    const trust = facts.trustFiles.state === 'known' ? facts.trustFiles.value.files : [];
    const open = services.filter(({ verdict, loopback }) => verdict === 'open' && !loopback);
    const trusted = trust.filter(({ entries }) => entries > 0);
    // What is open stays open, whatever else could not be read.
    if (open.length + trusted.length > 0)
      return fail(unique([...open.map(describe), ...trusted.map(describeTrust)]));
    const { listening } = valueIn(facts.remoteServices);
    const { homes, gaps } = valueIn(facts.trustFiles);
    const [gap] = gaps;
    if (gap) return unknown(gap.reason);
    const unclear = services.filter(({ verdict }) => verdict !== 'asks');
    if (unclear.length > 0)
      return unknown(
        unclear.every(({ loopback }) => loopback)
          ? {
              en: 'a service that asks for nothing can be reached from this system; whether something passes it on to others can not be told',
              de: 'ein Dienst, der nichts verlangt, ist von diesem System aus erreichbar; ob ihn etwas nach außen weiterreicht, ist nicht zu erkennen',
            }
          : {
              en: 'of a service that may let people in it is not known whether it asks for proof',
              de: 'von einem Dienst, der einlassen könnte, ist nicht bekannt, ob er einen Nachweis verlangt',
            },
        unique(unclear.map(describe)),
      );
    return pass([
      evidence({
        source: listening === undefined ? '/usr/lib/systemd/system, /etc/inetd.conf' : '/proc/net/tcp',
        found:
          listening === undefined
            ? { en: 'no such service is enabled', de: 'kein solcher Dienst ist aktiviert' }
            : {
                en: 'none of the listening sockets and enabled services is one',
                de: 'kein lauschender Socket und kein aktivierter Dienst gehört dazu',
              },
        wanted: WANTED,
      }),
      ...unique(services.map(describe)),
      evidence({
        source: 'hosts.equiv, .rhosts, .shosts',
        found: {
          en: `none with entries, in ${homes} home directories and for the whole system`,
          de: `keine mit Einträgen, in ${homes} Home-Verzeichnissen und für das ganze System`,
        },
        wanted: NO_TRUST,
      }),
    ]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 2.1.10, 2.1.13, 2.1.20 and 7.2.10',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 2.1.15 and 7.2.9',
    'DISA STIG RHEL 9, RHEL-09-215040, RHEL-09-252070, RHEL-09-252075',
    'BSI IT-Grundschutz SYS.1.3.A5, NET.3.1.A4, ORP.4.A9',
    'ISO/IEC 27001:2022 A.8.5, A.8.20',
    'hosts.equiv(5), inetd.conf(5), xinetd.conf(5), Xvnc(1), Xserver(1), dockerd(8), proc(5)',
  ],
  examples: async () => (await import('./remote-services.examples.ts')).examples,
});

const unique = (all: readonly Evidence[]): Evidence[] => [
  ...new Map(
    all.map((piece) => [`${piece.source}:${piece.line}:${JSON.stringify(piece.found)}`, piece]),
  ).values(),
];
