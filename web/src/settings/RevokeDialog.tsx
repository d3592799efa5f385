import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Dialog } from "../shell/Dialog";
import { revokeToken, tokensQuery } from "./queries";
import classes from "./SettingsPage.module.css";
import type { Token } from "./wire";

/** Asks once before a token is refused for good. */
export function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const queryClient = useQueryClient();
  const revoking = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog title={`Revoke “${token.name}”?`} onClose={onClose}>
      <div className={classes.dialog}>
        <p className={classes.muted}>
          Whoever uses it is refused from the next request on. It cannot be taken back; create a new
          token instead.
        </p>
        {revoking.error && (
          <p role="alert" className={classes.failure}>
            It was not revoked: {revoking.error.message}
          </p>
        )}
        <div className={classes.actions}>
          <Button
            size="xs"
            color="red"
            loading={revoking.isPending}
            onClick={() => revoking.mutate()}
          >
            Revoke
          </Button>
          <Button size="xs" variant="default" onClick={onClose}>
            Keep it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
