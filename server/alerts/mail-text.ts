/** Subject and text of an alert's e-mail. */
import type { Language, Severity, Text } from '../../shared/outcome.ts';
import type { AlertKind, Message } from './message.ts';

const severityNames: Record<Severity, Text> = {
  low: { de: 'niedrig', en: 'low' },
  medium: { de: 'mittel', en: 'medium' },
  high: { de: 'hoch', en: 'high' },
  critical: { de: 'kritisch', en: 'critical' },
};

const titles: Record<Exclude<AlertKind, 'check-failing'>, Text> = {
  'host-failing': { de: 'Prüfungen nicht bestanden', en: 'Checks fail' },
  'host-silent': { de: 'System berichtet nicht', en: 'Host does not report' },
  'host-rollback': { de: 'System wurde zurückgesetzt', en: 'Host was rolled back' },
  'host-cloned': { de: 'Zwei Maschinen unter einem Schlüssel', en: 'Two machines under one key' },
  'report-gap': { de: 'Berichte fehlen', en: 'Reports are missing' },
  'channel-failing': { de: 'Benachrichtigung gestört', en: 'Notifications do not get through' },
};

const words = {
  resolved: { de: 'Behoben', en: 'Resolved' },
  host: { de: 'System', en: 'Host' },
  tenant: { de: 'Auftraggeber', en: 'Tenant' },
  severity: { de: 'Schweregrad', en: 'Severity' },
  checks: { de: 'Prüfungen', en: 'Checks' },
  remedy: { de: 'Abhilfe', en: 'Remedy' },
  opened: { de: 'Offen seit', en: 'Open since' },
  at: { de: 'Zeitpunkt', en: 'Time' },
  dashboard: { de: 'Im Dashboard', en: 'On the dashboard' },
  why: {
    de: 'Diese Nachricht hat der Nachweis-Kollektor verschickt, weil diese Adresse dort für Alarme eingetragen ist.',
    en: 'The Nachweis collector sent this because this address is entered there for alerts.',
  },
} satisfies Record<string, Text>;

const MAX_CHECKS = 40;

/** Names come from hosts: no line breaks, control or direction characters, and not too long for a line. */
function clean(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

export function mailText(
  message: Message,
  language: Language,
  dashboardUrl: string | undefined,
): { subject: string; text: string } {
  const say = (text: Text) => clean(text[language]);
  const { host, tenant, checks, kind, change, severity } = message;
  const title =
    kind === 'check-failing' && checks[0]
      ? say(checks[0].title)
      : kind === 'check-failing'
        ? ''
        : say(titles[kind]);
  const state = change === 'resolved' ? say(words.resolved) : say(severityNames[severity]).toUpperCase();
  const subject = `[Nachweis] ${state}: ${[host ? clean(host.name) : '', title].filter(Boolean).join(' – ')}`;
  const line = (label: Text, value: string) => `${say(label)}: ${value}`;
  const lines = [
    say(message.reason),
    '',
    ...(host ? [line(words.host, clean(host.name))] : []),
    ...(tenant ? [line(words.tenant, clean(tenant.name))] : []),
    line(words.severity, say(severityNames[severity])),
    line(words.at, `${message.at.slice(0, 16).replace('T', ' ')} UTC`),
    ...(change === 'resolved'
      ? [line(words.opened, `${message.openedAt.slice(0, 16).replace('T', ' ')} UTC`)]
      : []),
    ...checkLines(message, language),
    ...(dashboardUrl ? ['', line(words.dashboard, pageOf(dashboardUrl, message))] : []),
    '',
    '-- ',
    say(words.why),
  ];
  return { subject: subject.slice(0, 250), text: `${lines.join('\n')}\n` };
}

function checkLines({ checks, change }: Message, language: Language): string[] {
  if (checks.length === 0) return [];
  const listed = checks
    .slice(0, MAX_CHECKS)
    .flatMap(({ id, severity, title, remedy }) => [
      `- ${clean(title[language])} (${id}, ${severityNames[severity][language]})`,
      ...(remedy && change === 'opened' ? [`  ${words.remedy[language]}: ${clean(remedy[language])}`] : []),
    ]);
  const more = checks.length - MAX_CHECKS;
  return ['', `${words.checks[language]}:`, ...listed, ...(more > 0 ? [`- … + ${more}`] : [])];
}

function pageOf(dashboardUrl: string, { host }: Message): string {
  const base = dashboardUrl.replace(/\/+$/, '');
  return host?.id.startsWith('h-') ? `${base}/hosts/${encodeURIComponent(host.id)}` : `${base}/alerts`;
}
