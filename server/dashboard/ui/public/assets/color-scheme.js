// Sets light or dark before anything is drawn. A file of its own, because the page allows no inline code.
(() => {
  let wanted = null;
  try {
    wanted = localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage may be forbidden; the system's choice holds.
  }
  const scheme =
    wanted === 'light' || wanted === 'dark'
      ? wanted
      : matchMedia('(prefers-color-scheme: dark)').matches
        ? 'dark'
        : 'light';
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
