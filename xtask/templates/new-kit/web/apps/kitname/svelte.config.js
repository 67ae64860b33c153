import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
  compilerOptions: { runes: true },
  kit: {
    // One page for every address: the server answers unknown paths with it, and the router takes over.
    adapter: adapter({ fallback: '200.html', precompress: true }),
  },
};
