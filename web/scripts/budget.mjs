// Asserts that no route of an app needs more JavaScript than the budget: everything its first visit loads before it can be used,
// gzipped. Reads the manifest Vite wrote; refuses to pass where an app was not built. Prints one line per route.

import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 90_000;
const APPS = process.argv.slice(2).length ? process.argv.slice(2) : readdirSync(new URL('../apps/', import.meta.url)).sort();

let over = 0;
for (const app of APPS) {
  const root = new URL(`../apps/${app}/.svelte-kit/`, import.meta.url);
  const manifest = JSON.parse(readFileSync(new URL('output/client/.vite/manifest.json', root), 'utf8'));
  const source = readFileSync(new URL('generated/client-optimized/app.js', root), 'utf8');
  const sizes = new Map();

  const key = (suffix) => {
    const found = Object.keys(manifest).find((name) => name.endsWith(suffix));
    if (!found) throw new Error(`${app}: no "${suffix}" in the manifest; build the app first`);
    return found;
  };
  const collect = (name, files) => {
    const { file, imports = [] } = manifest[name];
    if (files.has(file)) return;
    files.add(file);
    for (const each of imports) collect(each, files);
  };
  const size = (file) => {
    if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(`output/client/${file}`, root)), { level: 9 }).length);
    return sizes.get(file);
  };

  const entries = [key('client/entry.js'), key('client-optimized/app.js')];
  for (const { route, nodes } of routes(source)) {
    const files = new Set();
    for (const name of [...entries, ...nodes.map((node) => key(`client-optimized/nodes/${node}.js`))]) collect(name, files);
    const total_bytes = [...files].filter((file) => file.endsWith('.js')).reduce((sum, file) => sum + size(file), 0);
    const fits = total_bytes <= BUDGET_BYTES;
    if (!fits) over += 1;
    console.log(`${fits ? 'ok  ' : 'OVER'} ${(total_bytes / 1000).toFixed(1).padStart(6)} kB  ${app} ${route}`);
  }
}
console.log(`budget ${BUDGET_BYTES / 1000} kB of JavaScript, gzip, per route`);
if (over) process.exit(1);

/** Routes and the nodes (layouts, then page) each needs, from the dictionary SvelteKit generates. */
function routes(source) {
  const dictionary = /export const dictionary = (\{[\s\S]*?\n\t?\});/.exec(source)?.[1];
  if (!dictionary) throw new Error('the generated client has no route dictionary; SvelteKit changed its form');
  return [...dictionary.matchAll(/"([^"]+)": \[~?(\d+)(?:,\[([\d,]*)\])?/g)].map(([, route, page, layouts]) => ({
    route,
    // Node 0 is the root layout, which every page has.
    nodes: [...new Set([0, ...(layouts ?? '').split(',').filter(Boolean).map(Number), Number(page)])],
  }));
}
