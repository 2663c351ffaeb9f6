import './styles.css';

/** What index.html shows is painted before the scripts, which have come meanwhile, keep the page's thread busy. */
function afterFirstPaint(work: () => void): void {
  // A page in the background is not painted.
  if (document.visibilityState === 'hidden') work();
  else requestAnimationFrame(() => setTimeout(work));
}

const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

// Each in a task of its own: between them, input is heard.
afterFirstPaint(async () => {
  await import('react-dom/client');
  await nextTask();
  await import('@tanstack/react-router');
  await nextTask();
  await import('./app/start');
});
