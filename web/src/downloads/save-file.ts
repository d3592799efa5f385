const READ_WITHIN_MS = 60_000;

/** Hands a file to the browser, which puts it where downloads go. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Not at once: the browser reads it after the click.
  window.setTimeout(() => URL.revokeObjectURL(address), READ_WITHIN_MS);
}
