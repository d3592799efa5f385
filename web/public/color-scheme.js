// Runs before the first paint, so that a chosen colour scheme never flashes the other one.
// A file of its own, since the content security policy allows no inline script.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  let scheme = dark ? "dark" : "light";
  try {
    const chosen = localStorage.getItem("mantine-color-scheme-value");
    if (chosen === "light" || chosen === "dark") scheme = chosen;
  } catch {
    // Storage is blocked: the system's scheme it is.
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();
