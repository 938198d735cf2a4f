/**
 * Every error a person or an agent can meet: a stable code, what happened, what to do next.
 * The README's table is checked against this list. Codes are never renamed or given a new meaning.
 */
import type { Language, Text } from './outcome.ts';

/** What an agent does with the report that was refused. */
export type RefusalAction = 'retry' | 'resend-with-document' | 'set-aside' | 'continue-after';

interface ErrorEntry {
  /** HTTP status where the collector answers with it. */
  readonly status?: number;
  readonly action?: RefusalAction;
  /** `{name}` is replaced by that detail. */
  readonly message: Text;
  readonly next: Text;
}

const entries = {
  // Formats (shared)
  NOT_CANONICAL: {
    status: 400,
    action: 'set-aside',
    message: {
      en: 'The value has no canonical JSON form: {found}.',
      de: 'Der Wert hat keine kanonische JSON-Form: {found}.',
    },
    next: {
      en: 'Send the exact bytes that were hashed (RFC 8785).',
      de: 'Genau die Bytes senden, die gehasht wurden (RFC 8785).',
    },
  },
  INVALID_UTF8: {
    status: 400,
    action: 'set-aside',
    message: { en: 'The text is not valid UTF-8.', de: 'Der Text ist kein gültiges UTF-8.' },
    next: { en: 'Send UTF-8 without replacement characters.', de: 'UTF-8 ohne Ersatzzeichen senden.' },
  },
  INVALID_BASE64: {
    status: 400,
    action: 'set-aside',
    message: { en: 'The text is not strict base64.', de: 'Der Text ist kein striktes Base64.' },
    next: {
      en: 'Use the standard alphabet with padding, no white space.',
      de: 'Standardalphabet mit Auffüllung, ohne Leerraum verwenden.',
    },
  },
  INVALID_HEX: {
    status: 400,
    action: 'set-aside',
    message: {
      en: 'The text is not lower-case hexadecimal.',
      de: 'Der Text ist nicht hexadezimal in Kleinbuchstaben.',
    },
    next: {
      en: 'Use an even number of digits 0-9 and a-f.',
      de: 'Eine gerade Zahl der Zeichen 0-9 und a-f verwenden.',
    },
  },

  // Requests (collector)
  BODY_TOO_LARGE: {
    status: 413,
    action: 'set-aside',
    message: {
      en: 'The request is larger than {limit} bytes.',
      de: 'Die Anfrage ist größer als {limit} Bytes.',
    },
    next: {
      en: 'A report this large is not from a healthy agent; look at its host.',
      de: 'Ein so großer Bericht stammt von keinem gesunden Agenten; das System prüfen.',
    },
  },
  BODY_INVALID: {
    status: 400,
    action: 'set-aside',
    message: {
      en: 'The request does not have the expected form: {problem}.',
      de: 'Die Anfrage hat nicht die erwartete Form: {problem}.',
    },
    next: {
      en: 'Compare with /api/openapi.json; update the agent if it is older than the collector.',
      de: 'Mit /api/openapi.json vergleichen; den Agenten aktualisieren, wenn er älter als der Kollektor ist.',
    },
  },
  TOO_DEEP: {
    status: 400,
    action: 'set-aside',
    message: {
      en: 'The JSON is nested deeper than {limit} levels.',
      de: 'Das JSON ist tiefer als {limit} Ebenen geschachtelt.',
    },
    next: {
      en: 'No agent sends this; look at who does.',
      de: 'Kein Agent sendet so etwas; den Absender prüfen.',
    },
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    action: 'retry',
    message: { en: 'Too many requests from this address.', de: 'Zu viele Anfragen von dieser Adresse.' },
    next: {
      en: 'Wait {seconds} seconds and try again.',
      de: '{seconds} Sekunden warten und erneut versuchen.',
    },
  },
  NOT_FOUND: {
    status: 404,
    message: { en: 'There is nothing at this address.', de: 'Unter dieser Adresse ist nichts.' },
    next: {
      en: 'Check the address; it may have been closed or belong to somebody else.',
      de: 'Die Adresse prüfen; der Eintrag kann geschlossen sein oder jemand anderem gehören.',
    },
  },
  HOST_HEADER_REFUSED: {
    status: 421,
    message: {
      en: 'This address does not serve the name in the Host header.',
      de: 'Diese Adresse bedient den Namen im Host-Header nicht.',
    },
    next: {
      en: 'Use localhost or 127.0.0.1 with the port shown at start.',
      de: 'localhost oder 127.0.0.1 mit dem beim Start gezeigten Port verwenden.',
    },
  },
  INTERNAL: {
    status: 500,
    action: 'retry',
    message: {
      en: 'Something went wrong here that should not; it was logged as {id}.',
      de: 'Hier ist etwas schiefgegangen, das nicht sollte; im Protokoll unter {id}.',
    },
    next: {
      en: 'Try again; if it stays, look up that id in the log.',
      de: 'Erneut versuchen; bleibt es so, diese Kennung im Protokoll suchen.',
    },
  },
  STORE_UNAVAILABLE: {
    status: 503,
    action: 'retry',
    message: {
      en: 'The collector can not store anything at the moment.',
      de: 'Der Kollektor kann im Moment nichts speichern.',
    },
    next: {
      en: 'Nothing was accepted; the agent keeps the report and sends it again.',
      de: 'Nichts wurde angenommen; der Agent behält den Bericht und sendet ihn erneut.',
    },
  },

  // Reports (ingest)
  BAD_SIGNATURE: {
    status: 401,
    action: 'set-aside',
    message: {
      en: 'The signature is not that of this host.',
      de: 'Die Signatur ist nicht die dieses Systems.',
    },
    next: {
      en: 'If the host was reinstalled, enrol it again.',
      de: 'Wurde das System neu installiert, es neu anmelden.',
    },
  },
  STATEMENT_INVALID: {
    status: 400,
    action: 'set-aside',
    message: {
      en: 'The signed statement does not have the expected form: {problem}.',
      de: 'Die signierte Aussage hat nicht die erwartete Form: {problem}.',
    },
    next: {
      en: 'Update the agent, or the collector if the agent is newer.',
      de: 'Den Agenten aktualisieren, oder den Kollektor, wenn der Agent neuer ist.',
    },
  },
  HOST_UNKNOWN: {
    status: 403,
    action: 'set-aside',
    message: {
      en: 'No host with this id is enrolled.',
      de: 'Kein System mit dieser Kennung ist angemeldet.',
    },
    next: { en: 'Enrol the host: nachweis enrol.', de: 'Das System anmelden: nachweis enrol.' },
  },
  HOST_RETIRED: {
    status: 403,
    action: 'set-aside',
    message: {
      en: 'This host was retired on {at}.',
      de: 'Dieses System wurde am {at} außer Betrieb genommen.',
    },
    next: {
      en: 'Stop the agent, or enrol the host again.',
      de: 'Den Agenten abschalten oder das System neu anmelden.',
    },
  },
  KEY_REPLACED: {
    status: 403,
    action: 'set-aside',
    message: {
      en: 'This host was enrolled anew on {at}; the key that signed is its old one.',
      de: 'Dieses System wurde am {at} neu angemeldet; signiert hat sein alter Schlüssel.',
    },
    next: {
      en: 'On a copy of the old system stop the agent; if the new enrolment was not yours, ask the provider at once.',
      de: 'Auf einer Kopie des alten Systems den Agenten abschalten; war die neue Anmeldung nicht die eigene, sofort beim Auftragnehmer nachfragen.',
    },
  },
  HOST_NAME_DIFFERS: {
    status: 409,
    message: {
      en: 'The string is for the host {name}; this machine calls itself {found}.',
      de: 'Die Zeichenkette ist für das System {name}; diese Maschine nennt sich {found}.',
    },
    next: {
      en: 'Use it on that host, or set the host name first (hostnamectl). It was not used up.',
      de: 'Auf jenem System verwenden oder erst den Rechnernamen setzen (hostnamectl). Sie ist nicht verbraucht.',
    },
  },
  HOST_QUARANTINED: {
    status: 403,
    action: 'retry',
    message: {
      en: 'Two machines seem to report under this key.',
      de: 'Unter diesem Schlüssel scheinen zwei Maschinen zu berichten.',
    },
    next: {
      en: 'Enrol the clone as a host of its own; then: nachweis-collector host release.',
      de: 'Den Klon als eigenes System anmelden; danach: nachweis-collector host release.',
    },
  },
  TENANT_MISMATCH: {
    status: 403,
    action: 'set-aside',
    message: {
      en: 'The report names a host that this key does not belong to.',
      de: 'Der Bericht nennt ein System, zu dem dieser Schlüssel nicht gehört.',
    },
    next: {
      en: 'Enrol this machine on its own; keys are never shared.',
      de: 'Diese Maschine selbst anmelden; Schlüssel werden nie geteilt.',
    },
  },
  CLOCK_AHEAD: {
    status: 409,
    action: 'set-aside',
    message: {
      en: 'The report claims a time {seconds} seconds ahead of the collector.',
      de: 'Der Bericht nennt eine Zeit, die {seconds} Sekunden vor der des Kollektors liegt.',
    },
    next: {
      en: 'Set the clock of the host (at most 300 s ahead is taken).',
      de: 'Die Uhr des Systems stellen (höchstens 300 s Vorlauf sind erlaubt).',
    },
  },
  DIGEST_MISMATCH: {
    status: 400,
    action: 'set-aside',
    message: {
      en: 'The document is not the one that the statement names.',
      de: 'Das Dokument ist nicht das, was die Aussage nennt.',
    },
    next: {
      en: 'The next round makes a fresh report; look at the host if it stays.',
      de: 'Die nächste Runde erzeugt einen neuen Bericht; bleibt es so, das System prüfen.',
    },
  },
  DOCUMENT_INVALID: {
    status: 400,
    action: 'set-aside',
    message: {
      en: 'The results document does not have the expected form: {problem}.',
      de: 'Das Ergebnisdokument hat nicht die erwartete Form: {problem}.',
    },
    next: {
      en: 'Update the agent, or the collector if the agent is newer.',
      de: 'Den Agenten aktualisieren, oder den Kollektor, wenn der Agent neuer ist.',
    },
  },
  RESULTS_NEEDED: {
    status: 409,
    action: 'resend-with-document',
    message: {
      en: 'The document that the statement names is not the last one accepted from this host.',
      de: 'Das genannte Dokument ist nicht das zuletzt von diesem System angenommene.',
    },
    next: {
      en: 'The agent sends it again with the document.',
      de: 'Der Agent sendet den Bericht mit dem Dokument noch einmal.',
    },
  },
  SEQUENCE_REUSED: {
    status: 409,
    action: 'continue-after',
    message: {
      en: 'Sequence number {sequence} was already used with other bytes.',
      de: 'Die laufende Nummer {sequence} wurde schon mit anderen Bytes verwendet.',
    },
    next: {
      en: 'The machine was rolled back or cloned; the agent goes on after the last number and says so.',
      de: 'Die Maschine wurde zurückgesetzt oder geklont; der Agent fährt nach der letzten Nummer fort und sagt es.',
    },
  },
  CHAIN_BROKEN: {
    status: 409,
    action: 'continue-after',
    message: {
      en: 'The report does not follow the last one accepted from this host.',
      de: 'Der Bericht folgt nicht auf den zuletzt von diesem System angenommenen.',
    },
    next: {
      en: 'The agent goes on after the last accepted report and marks the break.',
      de: 'Der Agent fährt nach dem zuletzt angenommenen Bericht fort und kennzeichnet den Bruch.',
    },
  },

  // Enrolment
  ENROLMENT_STRING_INVALID: {
    status: 400,
    message: { en: 'This is not an enrolment string.', de: 'Das ist keine Anmeldezeichenkette.' },
    next: {
      en: 'Paste the whole line https://collector:port/#token.fingerprint from nachweis-collector token create.',
      de: 'Die ganze Zeile https://kollektor:port/#token.fingerprint aus nachweis-collector token create einfügen.',
    },
  },
  TOKEN_REFUSED: {
    status: 403,
    message: {
      en: 'The token is unknown, used up or expired.',
      de: 'Das Token ist unbekannt, verbraucht oder abgelaufen.',
    },
    next: {
      en: 'Create a new one: nachweis-collector token create.',
      de: 'Ein neues erzeugen: nachweis-collector token create.',
    },
  },
  ENROLMENT_CONFLICT: {
    status: 409,
    message: { en: 'This key is already enrolled.', de: 'Dieser Schlüssel ist bereits angemeldet.' },
    next: {
      en: 'Nothing to do on this host; on a clone remove the key and enrol again.',
      de: 'Auf diesem System ist nichts zu tun; auf einem Klon den Schlüssel entfernen und neu anmelden.',
    },
  },
  FINGERPRINT_MISMATCH: {
    message: {
      en: 'The collector that answered is not the one that the enrolment string names.',
      de: 'Der antwortende Kollektor ist nicht der, den die Anmeldezeichenkette nennt.',
    },
    next: {
      en: 'Check the address; somebody may be in between. Nothing was sent to it.',
      de: 'Die Adresse prüfen; jemand könnte dazwischen sitzen. Es wurde nichts übermittelt.',
    },
  },

  // Agent
  ALREADY_ENROLLED: {
    message: {
      en: 'This machine is already enrolled at {collector}.',
      de: 'Diese Maschine ist bereits bei {collector} angemeldet.',
    },
    next: {
      en: 'Use --again to enrol it anew with a new key.',
      de: 'Mit --again unter einem neuen Schlüssel neu anmelden.',
    },
  },
  NOT_ENROLLED: {
    message: { en: 'This machine is not enrolled.', de: 'Diese Maschine ist nicht angemeldet.' },
    next: {
      en: 'Run nachweis enrol with the string from the collector.',
      de: 'nachweis enrol mit der Zeichenkette vom Kollektor ausführen.',
    },
  },
  STATE_UNSAFE: {
    message: {
      en: '{path} can be changed by others than its owner.',
      de: '{path} kann von anderen als dem Eigentümer geändert werden.',
    },
    next: {
      en: 'Set owner and mode (0700 for the directory, 0600 for files).',
      de: 'Eigentümer und Rechte setzen (0700 für das Verzeichnis, 0600 für Dateien).',
    },
  },
  STATE_LINK: {
    message: {
      en: '{path} is a link; what is kept there must be a file of its own.',
      de: '{path} ist ein Verweis; was dort liegt, muss eine eigene Datei sein.',
    },
    next: {
      en: 'Find out who made it, and put the file itself in its place.',
      de: 'Herausfinden, wer ihn angelegt hat, und die Datei selbst dorthin legen.',
    },
  },
  PROGRAM_UNSAFE: {
    message: {
      en: '{path} belongs to this program, and others than its owner can change it.',
      de: '{path} gehört zu diesem Programm und kann von anderen als dem Eigentümer verändert werden.',
    },
    next: {
      en: 'Whoever can change it decides what runs with your rights: chmod -R go-w on it, or install the package.',
      de: 'Wer es ändern kann, bestimmt, was mit Ihren Rechten läuft: chmod -R go-w darauf, oder das Paket installieren.',
    },
  },
  PROGRAM_FOREIGN: {
    message: {
      en: '{path} belongs to this program, and to the user with the number {uid}.',
      de: '{path} gehört zu diesem Programm und dem Benutzer mit der Nummer {uid}.',
    },
    next: {
      en: 'That user decides what runs with your rights. Give the program to root (chown -R root: on it), install the package, or set NACHWEIS_TRUST_OWNER={uid} if that user may do everything that you may.',
      de: 'Dieser Benutzer bestimmt, was mit Ihren Rechten läuft. Das Programm root übergeben (chown -R root: darauf), das Paket installieren, oder NACHWEIS_TRUST_OWNER={uid} setzen, wenn er alles darf, was Sie dürfen.',
    },
  },
  STATE_UNREADABLE: {
    message: { en: '{path} can not be used: {problem}.', de: '{path} ist nicht verwendbar: {problem}.' },
    next: {
      en: 'Restore it from a backup, or remove it and enrol again.',
      de: 'Aus einer Sicherung wiederherstellen, oder entfernen und neu anmelden.',
    },
  },
  STATE_BUSY: {
    message: {
      en: 'Another nachweis run (process {pid}) is using {path}.',
      de: 'Ein anderer nachweis-Lauf (Prozess {pid}) verwendet {path}.',
    },
    next: { en: 'Wait for it to end.', de: 'Dessen Ende abwarten.' },
  },
  SPOOL_FULL: {
    message: {
      en: 'Too many reports were waiting; the oldest were given up.',
      de: 'Zu viele Berichte warteten; die ältesten wurden aufgegeben.',
    },
    next: {
      en: 'Find out why the collector could not be reached for so long; the next report names the gap.',
      de: 'Klären, warum der Kollektor so lange nicht erreichbar war; der nächste Bericht nennt die Lücke.',
    },
  },
  NO_SPACE: {
    message: { en: 'No space is left for {path}.', de: 'Für {path} ist kein Platz mehr.' },
    next: {
      en: 'Free some space; what was acknowledged is kept.',
      de: 'Platz schaffen; Bestätigtes bleibt erhalten.',
    },
  },
  NO_PERMISSION: {
    message: { en: 'No permission for {path}.', de: 'Keine Berechtigung für {path}.' },
    next: {
      en: 'Run as the owner or as root, or choose another directory.',
      de: 'Als Eigentümer oder root ausführen, oder ein anderes Verzeichnis wählen.',
    },
  },
  COLLECTOR_UNREACHABLE: {
    message: {
      en: 'The collector {collector} can not be reached: {problem}.',
      de: 'Der Kollektor {collector} ist nicht erreichbar: {problem}.',
    },
    next: {
      en: 'Check address, network and firewall; reports are kept and sent later.',
      de: 'Adresse, Netz und Firewall prüfen; Berichte bleiben erhalten und werden später gesendet.',
    },
  },
  COLLECTOR_UNTRUSTED: {
    message: {
      en: 'The certificate of {collector} is not from its own authority: {problem}.',
      de: 'Das Zertifikat von {collector} stammt nicht von dessen eigener Zertifizierungsstelle: {problem}.',
    },
    next: {
      en: 'Somebody opens the connection in between (a TLS-inspecting proxy must let this address through), or the collector was made anew: then enrol again.',
      de: 'Jemand öffnet die Verbindung unterwegs (ein TLS-prüfender Proxy muss diese Adresse durchlassen), oder der Kollektor wurde neu angelegt: dann neu anmelden.',
    },
  },
  COLLECTOR_CERT_EXPIRED: {
    message: {
      en: 'The certificate of {collector} has expired; the clock here says {time} UTC.',
      de: 'Das Zertifikat von {collector} ist abgelaufen; die Uhr zeigt hier {time} UTC.',
    },
    next: {
      en: 'If that time is wrong, set the clock; if it is right, restart the collector, which renews its certificate.',
      de: 'Stimmt diese Zeit nicht, die Uhr stellen; stimmt sie, den Kollektor neu starten, der sein Zertifikat dann erneuert.',
    },
  },
  COLLECTOR_CERT_EARLY: {
    message: {
      en: 'The certificate of {collector} is not valid yet; the clock here says {time} UTC.',
      de: 'Das Zertifikat von {collector} gilt noch nicht; die Uhr zeigt hier {time} UTC.',
    },
    next: {
      en: 'The clock of this host is probably behind: set it, and see that time synchronisation runs.',
      de: 'Wahrscheinlich geht die Uhr dieses Systems nach: Uhr stellen und die Zeitsynchronisation prüfen.',
    },
  },
  COLLECTOR_CERT_NAME: {
    message: {
      en: 'The certificate of {collector} does not hold for this name: {problem}.',
      de: 'Das Zertifikat von {collector} gilt nicht für diesen Namen: {problem}.',
    },
    next: {
      en: 'Add the name or address to agents.names in the configuration of the collector and restart it.',
      de: 'Den Namen oder die Adresse in der Konfiguration des Kollektors bei agents.names eintragen und ihn neu starten.',
    },
  },
  COLLECTOR_TLS_REFUSED: {
    message: {
      en: '{collector} refused to speak TLS: {problem}.',
      de: '{collector} hat die TLS-Verbindung abgelehnt: {problem}.',
    },
    next: {
      en: 'Something else than the collector answers there (a load balancer?); look at what stands before it.',
      de: 'Dort antwortet etwas anderes als der Kollektor (ein Load-Balancer?); prüfen, was davor steht.',
    },
  },
  COLLECTOR_TLS_VERSION: {
    message: {
      en: '{collector} offers no version of TLS that is still safe: {problem}.',
      de: '{collector} bietet keine TLS-Version an, die noch sicher ist: {problem}.',
    },
    next: {
      en: 'The collector speaks TLS 1.2 and 1.3; let whatever stands before it do so too.',
      de: 'Der Kollektor spricht TLS 1.2 und 1.3; auch was davor steht, muss das können.',
    },
  },
  COLLECTOR_NOT_TLS: {
    message: {
      en: '{collector} answered, but not with TLS: {problem}.',
      de: '{collector} hat geantwortet, aber nicht mit TLS: {problem}.',
    },
    next: {
      en: 'The port is probably that of a plain http service; hosts need the HTTPS port (8443 unless set otherwise).',
      de: 'Der Port gehört wohl zu einem Dienst mit einfachem http; Systeme brauchen den HTTPS-Port (8443, wenn nichts anderes eingestellt ist).',
    },
  },
  COLLECTOR_CUT_OFF: {
    message: {
      en: 'The connection to {collector} was cut off: {problem}.',
      de: 'Die Verbindung zu {collector} wurde abgebrochen: {problem}.',
    },
    next: {
      en: 'A firewall or a device that inspects traffic often does this; let the address through. Reports are kept and sent later.',
      de: 'Das tun oft Firewalls oder Geräte, die den Verkehr prüfen; die Adresse freigeben. Berichte werden aufbewahrt und später gesendet.',
    },
  },
  COLLECTOR_NAME_UNKNOWN: {
    message: {
      en: 'The name of the collector {collector} can not be resolved: {problem}.',
      de: 'Der Name des Kollektors {collector} lässt sich nicht auflösen: {problem}.',
    },
    next: {
      en: 'Check the name and the name servers of this host (/etc/resolv.conf). Reports are kept and sent later.',
      de: 'Den Namen und die Nameserver dieses Systems (/etc/resolv.conf) prüfen. Berichte werden aufbewahrt und später gesendet.',
    },
  },
  COLLECTOR_TIMEOUT: {
    message: {
      en: 'No answer from the collector {collector} in time: {problem}.',
      de: 'Keine rechtzeitige Antwort vom Kollektor {collector}: {problem}.',
    },
    next: {
      en: 'A firewall that drops packets looks like this; let the address through. Reports are kept and sent later.',
      de: 'So sieht eine Firewall aus, die Pakete verwirft; die Adresse freigeben. Berichte werden aufbewahrt und später gesendet.',
    },
  },
  PROXY_INVALID: {
    message: {
      en: 'The proxy in {source} can not be used: {problem}.',
      de: 'Der Proxy aus {source} ist nicht verwendbar: {problem}.',
    },
    next: {
      en: 'Write it as http://proxy.example.org:3128 or https://...; none in agent.yaml turns it off.',
      de: 'Als http://proxy.example.org:3128 oder https://... angeben; none in agent.yaml schaltet ihn ab.',
    },
  },
  PROXY_UNREACHABLE: {
    message: {
      en: 'The proxy {proxy} can not be reached: {problem}.',
      de: 'Der Proxy {proxy} ist nicht erreichbar: {problem}.',
    },
    next: {
      en: 'Check proxy in agent.yaml, or HTTPS_PROXY. Reports are kept and sent later.',
      de: 'proxy in agent.yaml oder HTTPS_PROXY prüfen. Berichte werden aufbewahrt und später gesendet.',
    },
  },
  PROXY_AUTH: {
    message: {
      en: 'The proxy {proxy} wants another name and password (407).',
      de: 'Der Proxy {proxy} verlangt andere Zugangsdaten (407).',
    },
    next: {
      en: 'Set them: proxy: http://name:password@proxy:port in agent.yaml, which only root may read then.',
      de: 'Zugangsdaten setzen: proxy: http://name:passwort@proxy:port in agent.yaml, die dann nur root lesen darf.',
    },
  },
  PROXY_REFUSED: {
    message: {
      en: 'The proxy {proxy} does not let connections to {collector} through (HTTP {status}).',
      de: 'Der Proxy {proxy} lässt Verbindungen zu {collector} nicht durch (HTTP {status}).',
    },
    next: {
      en: 'Allow CONNECT to this address and port on the proxy.',
      de: 'Auf dem Proxy CONNECT zu dieser Adresse und diesem Port erlauben.',
    },
  },
  PROXY_UNTRUSTED: {
    message: {
      en: 'The certificate of the proxy {proxy} is not to be trusted: {problem}.',
      de: 'Dem Zertifikat des Proxys {proxy} ist nicht zu trauen: {problem}.',
    },
    next: {
      en: 'Name the file with its authority: proxyAuthority in agent.yaml.',
      de: 'Die Datei mit dessen Zertifizierungsstelle angeben: proxyAuthority in agent.yaml.',
    },
  },
  COLLECTOR_ANSWER_INVALID: {
    message: {
      en: 'The answer of {collector} does not have the expected form: {problem}.',
      de: 'Die Antwort von {collector} hat nicht die erwartete Form: {problem}.',
    },
    next: {
      en: 'Check that the address is that of a collector, and its version.',
      de: 'Prüfen, ob die Adresse die eines Kollektors ist, und dessen Version.',
    },
  },

  // Command line and files of people
  USAGE: {
    message: { en: '{problem}', de: '{problem}' },
    next: { en: 'See --help.', de: 'Siehe --help.' },
  },
  CHECK_UNKNOWN: {
    message: { en: 'There is no check {id}.', de: 'Es gibt keine Prüfung {id}.' },
    next: { en: 'List them with nachweis check --list.', de: 'Mit nachweis check --list auflisten.' },
  },
  PARAMS_INVALID: {
    message: { en: '{path}: {problem}.', de: '{path}: {problem}.' },
    next: {
      en: 'The form is {check-id: {name: value}}, in YAML or JSON.',
      de: 'Die Form ist {check-id: {name: wert}}, in YAML oder JSON.',
    },
  },
  FILE_UNREADABLE: {
    message: { en: '{path} can not be read: {problem}.', de: '{path} ist nicht lesbar: {problem}.' },
    next: { en: 'Check the path and its rights.', de: 'Pfad und Rechte prüfen.' },
  },
  FILE_INVALID: {
    status: 400,
    message: { en: '{path}: {problem}.', de: '{path}: {problem}.' },
    next: {
      en: 'Correct the place named and try again.',
      de: 'Die genannte Stelle berichtigen und erneut versuchen.',
    },
  },
  ROOT_INVALID: {
    message: {
      en: '{path} is not a directory with an unpacked system.',
      de: '{path} ist kein Verzeichnis mit einem entpackten System.',
    },
    next: {
      en: 'Name a directory that has /etc/os-release.',
      de: 'Ein Verzeichnis angeben, das /etc/os-release enthält.',
    },
  },

  // Collector start and administration
  PORT_IN_USE: {
    message: { en: 'Port {port} on {address} is in use.', de: 'Port {port} auf {address} ist belegt.' },
    next: {
      en: 'End the other program or choose a port with {option}.',
      de: 'Das andere Programm beenden oder mit {option} einen Port wählen.',
    },
  },
  PORT_FORBIDDEN: {
    message: {
      en: 'Port {port} may not be opened by this user.',
      de: 'Port {port} darf von diesem Benutzer nicht geöffnet werden.',
    },
    next: { en: 'Choose a port above 1023 with {option}.', de: 'Mit {option} einen Port über 1023 wählen.' },
  },
  COMPILED_CODE_REJECTED: {
    message: {
      en: 'V8 does not take the code that was compiled for {program}: it would start slowly everywhere.',
      de: 'V8 nimmt den für {program} vorab übersetzten Code nicht an: Überall würde es langsam starten.',
    },
    next: {
      en: 'V8 compares version and flags: look at what agent/packaging/trial-run.cjs takes back, and at the flags of the program.',
      de: 'V8 vergleicht Version und Flags: prüfen, was agent/packaging/trial-run.cjs zurücknimmt, und die Flags des Programms.',
    },
  },
  START_FAILED: {
    message: {
      en: 'The step {step} of the start did not succeed; its own message stands above.',
      de: 'Der Schritt {step} des Starts ist nicht gelungen; seine eigene Meldung steht darüber.',
    },
    next: {
      en: 'Do what that message says and start again.',
      de: 'Tun, was diese Meldung sagt, und neu starten.',
    },
  },
  DATA_IN_USE: {
    message: {
      en: 'Another collector (process {pid}) is using {path}.',
      de: 'Ein anderer Kollektor (Prozess {pid}) verwendet {path}.',
    },
    next: {
      en: 'End it, or choose another directory with --data.',
      de: 'Ihn beenden oder mit --data ein anderes Verzeichnis wählen.',
    },
  },
  FILTER_REFUSED: {
    message: {
      en: 'systemd did not restrict {unit}: {problem}.',
      de: 'systemd hat {unit} nicht eingeschränkt: {problem}.',
    },
    next: {
      en: 'Look at systemctl status {unit}; without its addresses the unit can not send.',
      de: 'systemctl status {unit} ansehen; ohne ihre Adressen kann die Unit nicht senden.',
    },
  },
  STATE_NEWER: {
    message: {
      en: '{path} was written by a newer version of nachweis (format {format}).',
      de: '{path} wurde von einer neueren Version von nachweis geschrieben (Format {format}).',
    },
    next: {
      en: 'Install that version or a later one.',
      de: 'Diese oder eine spätere Version installieren.',
    },
  },
  DATA_NEWER: {
    message: {
      en: '{path} was written by a newer version of the collector.',
      de: '{path} wurde von einer neueren Version des Kollektors geschrieben.',
    },
    next: { en: 'Install that version or a later one.', de: 'Diese oder eine spätere Version installieren.' },
  },
  CONFIG_INVALID: {
    message: {
      en: 'The configuration is not valid: {problem}.',
      de: 'Die Konfiguration ist nicht gültig: {problem}.',
    },
    next: { en: 'Correct {path}.', de: '{path} berichtigen.' },
  },
  NAME_TAKEN: {
    status: 409,
    message: { en: '{name} already exists.', de: '{name} gibt es schon.' },
    next: { en: 'Choose another name.', de: 'Einen anderen Namen wählen.' },
  },
  TENANT_UNKNOWN: {
    status: 404,
    message: { en: 'There is no tenant {name}.', de: 'Es gibt keinen Auftraggeber {name}.' },
    next: {
      en: 'Check the name, or create it: nachweis-collector tenant add.',
      de: 'Den Namen prüfen oder anlegen: nachweis-collector tenant add.',
    },
  },
  CATALOGUE_INVALID: {
    message: { en: '{path}: {problem}.', de: '{path}: {problem}.' },
    next: {
      en: 'Correct the place named; nachweis-collector catalogue check FILE looks again.',
      de: 'Die genannte Stelle berichtigen; nachweis-collector catalogue check DATEI prüft erneut.',
    },
  },

  // Sign-in
  SIGN_IN_REFUSED: {
    status: 401,
    message: { en: 'Name or password is not right.', de: 'Name oder Passwort stimmt nicht.' },
    next: {
      en: 'Try again, or ask for a new sign-in link: nachweis-collector user link.',
      de: 'Erneut versuchen oder einen neuen Anmeldelink erbitten: nachweis-collector user link.',
    },
  },
  LINK_REFUSED: {
    status: 401,
    message: {
      en: 'This sign-in link was used already or has expired.',
      de: 'Dieser Anmeldelink wurde schon verwendet oder ist abgelaufen.',
    },
    next: {
      en: 'Make a new one: nachweis-collector user link NAME.',
      de: 'Einen neuen erzeugen: nachweis-collector user link NAME.',
    },
  },
  SIGNED_OUT: {
    status: 401,
    message: { en: 'You are not signed in.', de: 'Sie sind nicht angemeldet.' },
    next: { en: 'Sign in.', de: 'Bitte anmelden.' },
  },
  FORBIDDEN: {
    status: 403,
    message: { en: 'Your role may not do this.', de: 'Ihre Rolle erlaubt das nicht.' },
    next: {
      en: 'Ask an administrator of the provider.',
      de: 'An eine Administratorin oder einen Administrator des Auftragnehmers wenden.',
    },
  },
  CSRF_REFUSED: {
    status: 403,
    message: {
      en: 'The request did not come from this dashboard.',
      de: 'Die Anfrage kam nicht aus diesem Dashboard.',
    },
    next: { en: 'Reload the page and try again.', de: 'Die Seite neu laden und erneut versuchen.' },
  },
  DASHBOARD_NOT_BUILT: {
    status: 503,
    message: { en: 'The dashboard has not been built.', de: 'Das Dashboard ist noch nicht gebaut.' },
    next: {
      en: 'Run npm run build:dashboard (npm start does it by itself).',
      de: 'npm run build:dashboard ausführen (npm start tut es von selbst).',
    },
  },
  PASSWORD_TOO_SHORT: {
    status: 400,
    message: {
      en: 'The password has {length} characters; at least {limit} are needed.',
      de: 'Das Passwort hat {length} Zeichen; mindestens {limit} sind nötig.',
    },
    next: {
      en: 'A few words in a row make a good one.',
      de: 'Einige Wörter hintereinander ergeben ein gutes.',
    },
  },
  PASSWORD_TOO_LONG: {
    status: 400,
    message: {
      en: 'The password is longer than {limit} bytes.',
      de: 'Das Passwort ist länger als {limit} Bytes.',
    },
    next: { en: 'Choose a shorter one.', de: 'Ein kürzeres wählen.' },
  },
  PASSWORD_LIKE_NAME: {
    status: 400,
    message: {
      en: 'The password is the user name, or little more.',
      de: 'Das Passwort ist der Benutzername oder wenig mehr.',
    },
    next: {
      en: 'Choose one that does not follow from the name.',
      de: 'Eines wählen, das sich nicht aus dem Namen ergibt.',
    },
  },
  PASSWORD_TOO_PLAIN: {
    status: 400,
    message: {
      en: 'The password repeats a few characters or walks along the alphabet, the digits or the keyboard.',
      de: 'Das Passwort wiederholt wenige Zeichen oder folgt dem Alphabet, den Ziffern oder der Tastatur.',
    },
    next: {
      en: 'A few words in a row make a good one.',
      de: 'Einige Wörter hintereinander ergeben ein gutes.',
    },
  },
  PASSWORD_NOT_CONFIRMED: {
    status: 403,
    message: {
      en: 'The current password is not right.',
      de: 'Das bisherige Passwort stimmt nicht.',
    },
    next: {
      en: 'Try again, or ask for a new sign-in link: nachweis-collector user link.',
      de: 'Erneut versuchen oder einen neuen Anmeldelink erbitten: nachweis-collector user link.',
    },
  },
  // Policy and records
  POLICY_REFUSED: {
    message: {
      en: 'The policy that the collector sent is not taken: {problem}.',
      de: 'Die Vorgaben des Kollektors werden nicht übernommen: {problem}.',
    },
    next: {
      en: 'The one before stays in force until it runs out; look at the collector.',
      de: 'Die bisherigen gelten bis zu ihrem Ablauf weiter; den Kollektor prüfen.',
    },
  },
  POLICY_REQUEST_INVALID: {
    status: 400,
    action: 'retry',
    message: {
      en: 'The request for a policy is not taken: {problem}.',
      de: 'Die Anfrage nach Vorgaben wird nicht angenommen: {problem}.',
    },
    next: {
      en: 'Set the clock of the host (at most 300 s off); the agent asks again with its next report.',
      de: 'Die Uhr des Systems stellen (höchstens 300 s Abweichung); der Agent fragt mit dem nächsten Bericht wieder.',
    },
  },
  POLICY_CHANGED: {
    message: {
      en: 'The policy of {tenant} changed since the differences were shown.',
      de: 'Die Vorgaben für {tenant} haben sich geändert, seit die Unterschiede gezeigt wurden.',
    },
    next: {
      en: 'Nothing was applied; look at the differences again.',
      de: 'Es wurde nichts übernommen; die Unterschiede noch einmal ansehen.',
    },
  },
  EVIDENCE_MISSING: {
    message: {
      en: '{host} has not said yet who can enter it.',
      de: '{host} hat noch nicht berichtet, wer Zugang hat.',
    },
    next: {
      en: 'Wait for its next report; an agent that is too old does not say it.',
      de: 'Den nächsten Bericht abwarten; ein zu alter Agent sagt es nicht.',
    },
  },
  DRILL_NO_JOB: {
    message: {
      en: 'There is no such backup job here to restore from. Jobs: {jobs}.',
      de: 'Hier gibt es keinen solchen Sicherungsauftrag, aus dem sich wiederherstellen ließe. Aufträge: {jobs}.',
    },
    next: {
      en: 'Describe it in /etc/nachweis/backup.d, with tool (restic, borg, borgmatic, duplicity, rsnapshot) and lastSuccess: { probe: ... }.',
      de: 'Ihn in /etc/nachweis/backup.d beschreiben, mit tool (restic, borg, borgmatic, duplicity, rsnapshot) und lastSuccess: { probe: ... }.',
    },
  },
  RECORDS_WAITING: {
    message: {
      en: 'Too many records wait on this machine already; the new one was not stored.',
      de: 'Auf dieser Maschine warten schon zu viele Nachweisdokumente; das neue wurde nicht gespeichert.',
    },
    next: {
      en: 'Find out why the collector can not be reached: nachweis send --now.',
      de: 'Feststellen, warum der Kollektor nicht erreichbar ist: nachweis send --now.',
    },
  },
  RECORD_INVALID: {
    status: 400,
    message: { en: '{path}: {problem}.', de: '{path}: {problem}.' },
    next: {
      en: 'Correct the place named and try again; nothing was stored.',
      de: 'Die genannte Stelle berichtigen und erneut versuchen; es wurde nichts gespeichert.',
    },
  },

  // The end of hosts
  HOST_NOT_CLOSABLE: {
    status: 409,
    message: {
      en: '{name} can not be closed: {problem}.',
      de: '{name} kann nicht geschlossen werden: {problem}.',
    },
    next: {
      en: 'Record what is missing, or mark the host as missing; it stays owed until then.',
      de: 'Das Fehlende nachweisen oder das System als vermisst eintragen; bis dahin bleibt es geschuldet.',
    },
  },
  HOST_ENDED: {
    status: 409,
    message: { en: '{name} was closed on {at}.', de: '{name} wurde am {at} geschlossen.' },
    next: {
      en: 'Nothing is to be done; its page shows the record.',
      de: 'Es ist nichts zu tun; die Seite des Systems zeigt den Nachweis.',
    },
  },
  HOST_MISSING: {
    status: 409,
    message: {
      en: '{name} is marked as missing since {at}.',
      de: '{name} ist seit {at} als vermisst eingetragen.',
    },
    next: {
      en: 'Close it once its erasure is recorded: nachweis-collector host close.',
      de: 'Sobald die Löschung nachgewiesen ist, schließen: nachweis-collector host close.',
    },
  },
  DECOMMISSION_REFUSED: {
    status: 409,
    action: 'retry',
    message: {
      en: 'The host is not decommissioned: {problem}.',
      de: 'Das System wird nicht außer Betrieb genommen: {problem}.',
    },
    next: {
      en: 'Set the clock and run nachweis decommission --confirm again; until then the host goes on reporting.',
      de: 'Die Uhr stellen und nachweis decommission --confirm wiederholen; bis dahin berichtet das System weiter.',
    },
  },
  DECOMMISSIONED: {
    message: {
      en: 'This machine was decommissioned on {at}; its key is set aside.',
      de: 'Diese Maschine wurde am {at} außer Betrieb genommen; ihr Schlüssel ist beiseitegelegt.',
    },
    next: {
      en: 'Erase its disks and record that. To use it again, enrol it anew: nachweis enrol.',
      de: 'Die Datenträger löschen und das nachweisen. Soll sie weiterlaufen, neu anmelden: nachweis enrol.',
    },
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof entries;
export const errorCatalogue: Readonly<Record<ErrorCode, ErrorEntry>> = entries;

/** What fills the placeholders: names and numbers, or words in both languages. */
export type Details = Readonly<Record<string, string | number | Text>>;

/** An error with a code of the catalogue. `details` fill the placeholders and must never hold a secret. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly details: Details;

  constructor(code: ErrorCode, details: Details = {}, options?: ErrorOptions) {
    super(`${code}: ${fill(errorCatalogue[code].message.en, details, 'en')}`, options);
    this.name = 'CodedError';
    this.code = code;
    this.details = details;
  }

  /** What happened and what to do next, in `language`. */
  explain(language: Language): { message: string; next: string } {
    const { message, next } = errorCatalogue[this.code];
    return {
      message: fill(message[language], this.details, language),
      next: fill(next[language], this.details, language),
    };
  }
}

function fill(template: string, details: Details, language: Language): string {
  return template.replace(/\{([a-z]+)\}/gi, (placeholder, name: string) => {
    const value = details[name] ?? placeholder;
    return typeof value === 'object' ? value[language] : String(value);
  });
}

/** One line for a terminal: `code: what happened What to do next`. */
export function errorLine(error: CodedError, language: Language): string {
  const { message, next } = error.explain(language);
  return `${error.code}: ${message} ${next}`;
}
