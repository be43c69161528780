import type { IncidentTimeline, TimelineEntry } from '../../alerts/incidents/incidents.ts';
import { escapeHtml, renderPage } from './html.ts';

const SOURCES: Readonly<Record<TimelineEntry['source'], string>> = {
  call: 'Call',
  alert: 'Alert',
  incident: 'Incident',
};

/** The timeline of an incident as a page that stands for itself: to be printed, kept, handed on. */
export function renderTimelinePage({ incident, entries }: IncidentTimeline): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['State', incident.state],
    ['Severity', incident.severity],
    ['Opened', incident.openedAt],
    ['Caller', incident.caller],
    ['Callback number', incident.callbackNumber],
    ['Place', incident.place],
    ['Acknowledged', acted(incident.acknowledgedAt, incident.acknowledgedBy)],
    ['Resolved', acted(incident.resolvedAt, incident.resolvedBy)],
    ['Incident', incident.id],
  ];
  const head = facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value ?? '')}</td></tr>`)
    .join('\n');
  const rows = entries
    .map(
      ({ at, isTimeDerived, source, text }) =>
        `<tr><td class="when"><time datetime="${escapeHtml(at)}">${isTimeDerived ? '≈ ' : ''}${escapeHtml(at)}</time></td>` +
        `<td>${SOURCES[source]}</td><td>${escapeHtml(text)}</td></tr>`,
    )
    .join('\n');
  const drill = incident.isDrill ? '<p class="notice"><strong>DRILL</strong>: nobody was in danger.</p>' : '';
  return renderPage(
    incident.title,
    `<style>.when { white-space: nowrap; }</style><h1>${escapeHtml(incident.title)}</h1>${drill}<table>${head}</table><h2>Timeline</h2>
<table><thead><tr><th scope="col">When (UTC)</th><th scope="col">Source</th><th scope="col">What</th></tr></thead>
<tbody>${rows}</tbody></table><p class="muted">≈ reckoned from measured durations.</p>`,
  );
}

function acted(at: string | null, by: string | null): string | null {
  return at === null ? null : `${at}, ${by ?? 'somebody'}`;
}
