/** What is shown when a screen itself fails: never a blank page. */
import { Component, type ReactNode } from 'react';
import { useWords } from './i18n.ts';
import { Bare } from './shell.tsx';

export class ErrorScreen extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useWords();
  return (
    <Bare>
      <h1>{t('errorScreen')}</h1>
      <p>{t('errorScreenNext')}</p>
    </Bare>
  );
}
