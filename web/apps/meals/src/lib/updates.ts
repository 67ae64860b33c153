// Registers the service worker and offers a new version when one is waiting. It never reloads unasked.

import type { Toaster } from '@slipway/ui';

export async function offerUpdates(toaster: Toaster): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register('/service-worker.js');
    const offer = (worker: ServiceWorker) => {
      toaster.offer('A new version is ready', 'Reload', () => {
        navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
        worker.postMessage('take-over');
      });
    };
    if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => {
        // Without a controller this is the first visit, and there is nothing to update.
        if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker);
      });
    });
  } catch {
    // A browser that refuses service workers, as in a private window, shows the app without its offline page.
  }
}
