/** Starts the dashboard in the browser. */
import '@fontsource-variable/inter/opsz.css';
import './mantine.css';
import './tokens.css';
import './app.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './app.tsx';
import { startTranslations } from './i18n.ts';
import { queryClient } from './queries.ts';
import { styleNonce, theme } from './theme.ts';

await startTranslations();

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
