import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import classes from "./SettingsPage.module.css";
import type { Token } from "./wire";

/** A new token's secret, which the server shows this once. */
export function TokenSecret({ token, onDone }: { token: Token; onDone: () => void }) {
  const clipboard = useClipboard();
  const field = useRef<HTMLInputElement>(null);
  const isRefused = clipboard.error !== null;
  useEffect(() => field.current?.focus(), []);
  // A page without TLS, or without permission, has no clipboard: what is selected can be copied by hand.
  useEffect(() => {
    if (isRefused) field.current?.select();
  }, [isRefused]);

  if (!token.token) {
    return (
      <div className={classes.dialog} role="status">
        <p>
          <strong>{token.name}</strong> was created by an earlier try whose answer was lost, and the
          server does not show its secret again. Revoke it below, and create another.
        </p>
        <div className={classes.actions}>
          <Button size="xs" variant="default" onClick={onDone}>
            Understood
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={classes.dialog}>
      <p role="status">
        <strong>{token.name}</strong> is created. Copy its secret now: it is not shown again.
      </p>
      <div className={classes.secret}>
        <input
          ref={field}
          readOnly
          value={token.token}
          aria-label={`Secret of ${token.name}`}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button size="sm" variant="light" onClick={() => clipboard.copy(token.token)}>
          {clipboard.copied ? "Copied" : "Copy"}
        </Button>
        <Button size="sm" variant="default" onClick={onDone}>
          I have it
        </Button>
      </div>
      {isRefused && (
        <p role="alert" className={classes.warning}>
          The browser does not let this page copy. It is selected: press Ctrl+C, or ⌘C.
        </p>
      )}
    </div>
  );
}
