/** One alert in a sentence. */
import type { Alert } from '../api/alerts.ts';
import { useWords } from './i18n.ts';
import { SeverityMark } from './status.tsx';
import { hostPath, To } from './tenant.tsx';
import { Time } from './time.tsx';

export function useAlertTitle() {
  const { t, say } = useWords();
  return ({ kind, check, checks }: Alert): string => {
    switch (kind) {
      case 'check-failing':
        return t('alert_check-failing', { check: check ? (check.title ? say(check.title) : check.id) : '' });
      case 'host-failing':
        return t('alert_host-failing', { count: checks.length });
      case 'host-silent':
      case 'host-rollback':
      case 'host-cloned':
      case 'report-gap':
      case 'channel-failing':
        return t(`alert_${kind}`);
      default:
        return t('alert_other', { kind });
    }
  };
}

export function AlertTitle({ alert }: { alert: Alert }) {
  const title = useAlertTitle()(alert);
  return alert.host?.id ? (
    <To to={hostPath(alert.host.id, alert.check?.id)}>{title}</To>
  ) : (
    <span>{title}</span>
  );
}

export function AlertLine({ alert }: { alert: Alert }) {
  return (
    <>
      <span className="line-main">
        <AlertTitle alert={alert} />
      </span>
      <span className="quiet line-more">
        {alert.host && <span>{alert.host.name}</span>}
        <SeverityMark severity={alert.severity} />
        <Time at={alert.openedAt} />
      </span>
    </>
  );
}
