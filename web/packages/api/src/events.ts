// Server-sent events with resumption. `EventSource` itself sends `Last-Event-ID` when it reconnects; this adds typed handlers,
// an end (a stream that has said its last word is closed, not reconnected) and a visible connection state.

export interface EventHandlers<Events extends Record<string, unknown>> {
  on: { [Name in keyof Events]?: (data: Events[Name]) => void };
  /** Names of events after which nothing follows. */
  last: ReadonlyArray<keyof Events & string>;
  /** `true` while the stream is open, `false` while the browser reconnects. */
  onConnection?: (connected: boolean) => void;
  /** The browser gave up: the server refused the stream. */
  onRefused?: () => void;
}

type EventSourceLike = EventTarget & { readonly readyState: number; close: () => void };
const CLOSED = 2;

/** Opens the stream and returns the function that closes it. */
export function listen<Events extends Record<string, unknown>>(
  url: string,
  handlers: EventHandlers<Events>,
  open: (url: string) => EventSourceLike = (address) => new EventSource(address, { withCredentials: true }),
): () => void {
  const source = open(url);
  const names = new Set<string>([...Object.keys(handlers.on), ...handlers.last]);
  for (const name of names) {
    source.addEventListener(name, (event: Event) => {
      const { data } = event as MessageEvent<string>;
      // The browser fires its own `error` events without data; they are connection states, not words of the server.
      if (typeof data !== 'string') return;
      if (handlers.last.includes(name)) source.close();
      handlers.on[name]?.(JSON.parse(data));
    });
  }
  source.addEventListener('open', () => handlers.onConnection?.(true));
  source.addEventListener('error', () => {
    handlers.onConnection?.(false);
    if (source.readyState === CLOSED) handlers.onRefused?.();
  });
  return () => source.close();
}
