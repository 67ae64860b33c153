// The public HTTP API as a typed client. `schema.ts` is generated from `openapi.json`; nothing here knows a page.
export * from './client.ts';
export * from './events.ts';
export * from './problem.ts';
export type * from './schema.ts';
export type * from './types.ts';
