// Runs before the first paint. `src/app/theme.ts` writes what this reads.
try {
  const chosen = localStorage.getItem('forkpoint.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is forbidden: the system's theme it is.
}
