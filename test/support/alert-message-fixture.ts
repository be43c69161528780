import type { AlertMessage } from '../../src/alerts/alert-message.ts';

type MailParts = { address?: string; subject?: string; text?: string; html?: string | null };

/** A mail about a call that started, as the pipeline holds it. */
export function exampleMailMessage(parts: MailParts = {}, overrides: Partial<AlertMessage> = {}): AlertMessage {
  const address = parts.address ?? 'desk@example.com';
  return {
    key: 'ab'.repeat(20),
    kind: 'call-started',
    severity: 'emergency',
    organizationId: null,
    callId: 'call-1',
    incidentId: 'call-1',
    startedAt: '2026-03-05T18:30:15.000Z',
    endpoint: { channel: 'email', address },
    recipientId: null,
    label: address,
    reasons: [],
    content: {
      channel: 'email',
      subject: parts.subject ?? '911 CALL',
      text: parts.text ?? 'A 911 call was made.\n',
      html: parts.html ?? null,
      map: null,
    },
    writtenAt: '2026-03-05T18:30:15.000Z',
    ...overrides,
  };
}
