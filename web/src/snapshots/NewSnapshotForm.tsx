import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import { newSubmissionKey } from "../api/submission-key";
import card from "../shell/card.module.css";
import { createSnapshot, type SnapshotOrder, snapshotsKey } from "./queries";
import classes from "./snapshots.module.css";

/** Orders a snapshot: a name, and the date it shows. */
export function NewSnapshotForm({ fundId }: { fundId: number }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [asOf, setAsOf] = useState("");
  const [missing, setMissing] = useState<string | null>(null);
  // Kept until the order is accepted, so that one whose answer was lost is not made twice.
  const [key, setKey] = useState(newSubmissionKey);
  const order = useMutation({
    mutationFn: (order: SnapshotOrder) => createSnapshot(fundId, order, key),
    onSuccess: () => {
      setName("");
      setAsOf("");
      setKey(newSubmissionKey());
      return queryClient.invalidateQueries({ queryKey: snapshotsKey(fundId) });
    },
  });
  const problemOf = (path: string) =>
    order.error instanceof RequestFailed
      ? order.error.problem.details?.find((detail) => detail.path === path)?.message
      : undefined;

  function change(set: (text: string) => void, text: string): void {
    set(text);
    setMissing(null);
    // Another order is not the refused one, and its key is its own.
    setKey(newSubmissionKey());
    order.reset();
  }

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    if (name.trim() === "") {
      setMissing("Enter a name, such as Year end 2025.");
      return;
    }
    order.mutate({ name: name.trim(), ...(asOf === "" ? {} : { asOf }) });
  }

  const atFields = problemOf("name") ?? problemOf("asOf");
  return (
    <form
      noValidate
      className={`${card.card} ${classes.form}`}
      aria-label="New snapshot"
      onSubmit={submit}
    >
      <TextInput
        label="Name"
        required
        placeholder="Year end 2025"
        value={name}
        error={missing ?? problemOf("name")}
        onChange={(event) => change(setName, event.currentTarget.value)}
      />
      <TextInput
        label="As of"
        type="date"
        description="Today when left empty"
        inputWrapperOrder={["label", "input", "error"]}
        value={asOf}
        error={problemOf("asOf")}
        onChange={(event) => change(setAsOf, event.currentTarget.value)}
      />
      <Button type="submit" loading={order.isPending}>
        Create snapshot
      </Button>
      {order.error && !atFields && (
        <p role="alert" className={classes.refusal}>
          {order.error.message.replace(/\.?$/, ".")} Nothing was created, and what you typed is
          still here.
          {order.error instanceof RequestFailed && order.error.requestId !== null && (
            <>
              {" "}
              Request <code>{order.error.requestId}</code>
            </>
          )}
        </p>
      )}
    </form>
  );
}
