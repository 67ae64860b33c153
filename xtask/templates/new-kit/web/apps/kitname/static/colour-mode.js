// Runs before the first paint, so that a chosen mode does not flash. The choice itself is made by `ColourModeChoice`.
try {
  const mode = localStorage.getItem('colour-mode');
  if (mode === 'light' || mode === 'dark') document.documentElement.dataset.theme = mode;
} catch {
  // A browser that refuses storage shows the system's mode.
}
