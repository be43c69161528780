// The service worker of the alert desk: shows push messages (Push API) and opens the desk when one is clicked. It keeps nothing.

const DESK = '/desk';

/** What the platform sent, as far as it can be read; a message that cannot be read still says that something happened. */
function readMessage(data) {
  try {
    const { key, incidentId, severity, at, title, body, url } = data.json();
    return { key, incidentId, severity, at, title: String(title), body: String(body ?? ''), url };
  } catch {
    return { title: 'Alert', body: 'Open the alert desk to see what happened.' };
  }
}

/** The desk, or another page of this origin. */
function targetOf(message) {
  const fallback = message.incidentId ? `${DESK}?incident=${encodeURIComponent(message.incidentId)}` : DESK;
  try {
    const url = new URL(message.url ?? fallback, self.location.origin);
    return url.origin === self.location.origin ? url.href : new URL(fallback, self.location.origin).href;
  } catch {
    return new URL(fallback, self.location.origin).href;
  }
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const message = event.data ? readMessage(event.data) : readMessage(null);
  const isUrgent = message.severity === 'emergency' || message.severity === 'critical';
  event.waitUntil(
    self.registration.showNotification(message.title, {
      body: message.body,
      icon: '/desk/icon.svg',
      // What happens to one incident takes the place of what was shown of it before, and is heard again.
      tag: message.incidentId ?? message.key ?? 'alert',
      renotify: true,
      requireInteraction: isUrgent,
      timestamp: Date.parse(message.at ?? '') || Date.now(),
      data: { url: targetOf(message) },
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url } = event.notification.data ?? { url: DESK };
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then(async (windows) => {
      const open = windows.find((one) => new URL(one.url).pathname === DESK);
      if (!open) return self.clients.openWindow(url);
      await open.focus();
      open.postMessage({ show: new URL(url, self.location.origin).searchParams.get('incident') });
      return undefined;
    }),
  );
});
