const SECOND_MS = 1000;
/** How long after a refusal the stream is asked for again; a lost connection the browser restores by itself. */
const AGAIN_AFTER_MS = 10 * SECOND_MS;

/**
 * Calls `onNews` whenever the server sends an event, and whenever the stream begins again, because of what may have been
 * missed. A page that nobody looks at has no stream: a browser opens only six connections to a server over HTTP/1.1, and the
 * seventh tab would wait for ever. Returns what ends it.
 */
export function followEvents(address: string, onNews: () => void): () => void {
  let events: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let opened = false;

  function open(): void {
    if (events !== null || document.visibilityState === "hidden") return;
    const stream = new EventSource(address);
    events = stream;
    stream.addEventListener("message", onNews);
    stream.addEventListener("open", () => {
      if (opened) onNews();
      opened = true;
    });
    stream.addEventListener("error", () => {
      // A refusal, such as 503 while the server restarts, ends an EventSource for good.
      if (stream.readyState !== EventSource.CLOSED) return;
      close();
      timer = setTimeout(open, AGAIN_AFTER_MS);
    });
  }

  function close(): void {
    clearTimeout(timer);
    events?.close();
    events = null;
  }

  function onVisibility(): void {
    if (document.visibilityState === "hidden") close();
    else open();
  }

  document.addEventListener("visibilitychange", onVisibility);
  open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    close();
  };
}
