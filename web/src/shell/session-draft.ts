import { useEffect, useRef, useState } from "react";

/** What a form holds, kept while the tab is open: neither a reload nor a look at another page loses it. */
export function useSessionDraft<Draft>(
  name: string,
  initial: () => Draft,
  isDraft: (value: unknown) => value is Draft,
): {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  /** Back to the beginning; nothing is kept. */
  discard: () => void;
} {
  const key = `lotwise-draft:${name}`;
  const [kept] = useState(() => read(key, isDraft));
  const [draft, setDraft] = useState<Draft>(() => kept ?? initial());
  const untouched = useRef(kept === null);
  useEffect(() => {
    if (!untouched.current) write(key, draft);
  }, [key, draft]);
  return {
    draft,
    setDraft: (next) => {
      untouched.current = false;
      setDraft(next);
    },
    discard: () => {
      untouched.current = true;
      write(key, null);
      setDraft(initial());
    },
  };
}

function read<Draft>(key: string, isDraft: (value: unknown) => value is Draft): Draft | null {
  try {
    const value: unknown = JSON.parse(window.sessionStorage.getItem(key) ?? "null");
    return isDraft(value) ? value : null;
  } catch {
    return null;
  }
}

function write(key: string, value: unknown): void {
  try {
    if (value === null) window.sessionStorage.removeItem(key);
    else window.sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: the form works, without the safety net.
  }
}
