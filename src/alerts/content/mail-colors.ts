import type { AlertSeverity } from '../../domain/alert-trigger.ts';

/** Of the band that says how serious it is: behind white letters, at 4.5:1 at least (WCAG 2.2, 1.4.3). */
export const SEVERITY_COLORS: Readonly<Record<AlertSeverity, { bright: string; dark: string }>> = {
  emergency: { bright: '#b3121d', dark: '#a1121b' },
  critical: { bright: '#a8410b', dark: '#963a0a' },
  warning: { bright: '#7d5700', dark: '#6f4d00' },
  info: { bright: '#1f5c99', dark: '#1a4f85' },
};

/**
 * Dark colours and narrow screens for the programs that read a mail's styles: Apple Mail, Thunderbird, Gmail in part, Outlook
 * on the web (which says that it is dark with `data-ogsc` and `data-ogsb`).
 */
export function mailStyle(severity: AlertSeverity): string {
  const { dark } = SEVERITY_COLORS[severity];
  const rules: readonly (readonly [selector: string, style: string])[] = [
    ['.page', 'background-color:#0d1117!important'],
    ['.card', 'background-color:#161b22!important;border-color:#30363d!important'],
    ['.head', `background-color:${dark}!important`],
    ['.notice', 'background-color:#3a2d05!important;color:#ffe9a8!important;border-bottom-color:#6b5410!important'],
    ['.text', 'color:#e6edf3!important'],
    ['.strong', 'color:#ffffff!important'],
    ['.soft', 'color:#a3adb8!important'],
    ['.link', 'color:#79b8ff!important'],
    ['.cell', 'border-color:#30363d!important'],
    ['.button', 'background-color:#1f6feb!important;border-color:#1f6feb!important'],
    ['.button-text', 'color:#ffffff!important'],
    ['.quiet-button', 'background-color:#161b22!important;border-color:#6e7681!important'],
    ['.quiet-button-text', 'color:#79b8ff!important'],
  ];
  const scheme = rules.map(([selector, style]) => `${selector}{${style}}`).join('');
  const outlook = rules
    .map(([selector, style]) => `[data-ogsc] ${selector},[data-ogsb] ${selector}{${style}}`)
    .join('');
  return (
    ':root{color-scheme:light dark;supported-color-schemes:light dark}' +
    `@media (prefers-color-scheme:dark){${scheme}}${outlook}` +
    '@media (max-width:480px){.around{padding:0!important}.card{border-radius:0!important;border-left:0!important;border-right:0!important}' +
    '.cell{display:block!important;width:auto!important}.name{padding-bottom:0!important}' +
    '.value{border-top:0!important;padding-top:0!important}.action{float:none!important;width:100%!important;margin-right:0!important}}'
  );
}
