import '@cloudscape-design/global-styles/index.css';
import './style.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { resumeActing } from './session/acting-for.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
resumeActing();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
