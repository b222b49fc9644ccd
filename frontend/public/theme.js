// Runs before the first paint so that a dark page never flashes white. A file of its own because the content policy forbids inline scripts.
(() => {
  const chosen = localStorage.getItem('clawloops-theme') ?? 'auto';
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
})();
