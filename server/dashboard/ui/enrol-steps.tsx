/** What to do on a host with an enrolment string: three commands to copy. */
import { Button, CopyButton } from '@mantine/core';
import type { EnrolmentReply } from '../api/overview.ts';
import { useWords } from './i18n.ts';
import { IconCheck, IconCopy } from './icons.ts';
import { Time } from './time.tsx';

export function EnrolSteps({ reply }: { reply: EnrolmentReply }) {
  const { t } = useWords();
  return (
    <ol className="steps">
      <li>
        <p>{t('enrolStep1')}</p>
        <Command text="nachweis enrol" />
      </li>
      <li>
        <p>{t('enrolStep2')}</p>
        <Command text={reply.line} />
        <p className="quiet small">
          {t('enrolUsesLeft', { count: reply.uses })} {t('enrolExpires', { at: '' }).replace(/\.$/, '')}
          <Time at={reply.expiresAt} full />. {t('enrolOnce')}
        </p>
      </li>
      <li>
        <p>{t('enrolStep3')}</p>
        <Command text="nachweis once" />
      </li>
    </ol>
  );
}

function Command({ text }: { text: string }) {
  const { t } = useWords();
  return (
    <div className="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          >
            {copied ? t('enrolCopied') : t('enrolCopy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
