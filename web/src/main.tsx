import '@mantine/core/styles.css';
import 'uplot/dist/uPlot.min.css';
import './console.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { Refusal } from './api/client';
import { App } from './App';
import { LanguageProvider } from './i18n';
import { PreferencesProvider } from './preferences';
import { theme } from './theme';

const retriesMax = 1;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      refetchOnWindowFocus: true,
      // What was refused is refused again; only what could not be reached may be there the next time.
      retry: (failures, cause) => failures < retriesMax && cause instanceof Refusal && (cause.status === 0 || cause.status >= 502),
    },
  },
});

// The few style elements that libraries write bear the word that the page's policy names.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <PreferencesProvider>
        <LanguageProvider>
          <QueryClientProvider client={client}>
            <BrowserRouter>
              <App />
            </BrowserRouter>
          </QueryClientProvider>
        </LanguageProvider>
      </PreferencesProvider>
    </MantineProvider>
  </StrictMode>,
);
