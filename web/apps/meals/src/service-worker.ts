/// <reference types="@sveltejs/kit" />
/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />

// Hashed files come from the cache, pages from the network with an offline page behind them. The theme, the manifest, the icons,
// HTML and the API are never kept: a rebrand or a rollback is visible on the next load.

import { build, version } from '$service-worker';

const worker = self as unknown as ServiceWorkerGlobalScope;
const CACHE = `assets-${version}`;
const OFFLINE = ['/offline.html', '/offline.css'];
const hashed = new Set(build);

worker.addEventListener('install', (event) => {
  // Hashed files are cached when they are first used; only the offline page must be there before it is needed.
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(OFFLINE)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((keys) => Promise.all(keys.filter((key) => key !== CACHE).map((key) => caches.delete(key))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('message', (event) => {
  // Sent by the page when the person accepts the update.
  if (event.data === 'take-over') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (hashed.has(url.pathname)) event.respondWith(cacheFirst(request));
  else if (request.mode === 'navigate' || url.pathname === '/offline.css') event.respondWith(networkFirst(request, request.mode === 'navigate' ? '/offline.html' : '/offline.css'));
});

async function cacheFirst(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

async function networkFirst(request: Request, fallback: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(fallback);
    if (kept) return kept;
    throw error;
  }
}
