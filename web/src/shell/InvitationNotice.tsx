import { CloseButton } from "@mantine/core";
import { useState } from "react";
import type { Outcome } from "../flags/invitation";
import { Banner } from "./Banner";

/** Says what came of an invitation link, until it is dismissed. */
export function InvitationNotice({ outcome }: { outcome: Outcome | null }) {
  const [dismissed, setDismissed] = useState(false);
  if (outcome === null || dismissed) return null;
  const { title, text } = words(outcome);
  return (
    <Banner title={title}>
      {text}
      {outcome.kind !== "waiting" && (
        <CloseButton
          size="xs"
          aria-label="Dismiss"
          style={{ display: "inline-flex", marginInlineStart: 8, verticalAlign: "middle" }}
          onClick={() => setDismissed(true)}
        />
      )}
    </Banner>
  );
}

function words(outcome: Outcome): { title: string; text: string } {
  switch (outcome.kind) {
    case "accepted":
      return outcome.first
        ? { title: "You are in", text: "Lot-level MOIC is on for you." }
        : { title: "You were in already", text: "Lot-level MOIC stays on for you." };
    case "refused":
      return { title: "The invitation did not work", text: outcome.message };
    case "waiting":
      return { title: "You are invited", text: "Sign in to accept the invitation." };
  }
}
