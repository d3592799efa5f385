import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { FeatureOff } from "../shell/FeatureOff";
import classes from "./imports.module.css";

interface Props {
  readonly fundId: number;
  /** The server's own sentence. */
  readonly message?: string;
  /** The file that waits. */
  readonly fileName?: string | undefined;
  readonly onRetry?: () => void;
}

/** In the place of an import while its flag is off: what is kept, and what can be done meanwhile. */
export function ImportOff({ fundId, message, fileName, onRetry }: Props) {
  return (
    <FeatureOff
      title="Import"
      message={message ?? "The lot-level MOIC feature is currently disabled"}
    >
      {fileName === undefined
        ? "Files can be imported again when it returns."
        : `Nothing was written. ${fileName} and your answers are kept here, and checked again when it returns.`}{" "}
      Earlier imports can be undone meanwhile, and the{" "}
      <Link to="/funds/$fundId" params={{ fundId: String(fundId) }}>
        portfolio shows the simple MOIC
      </Link>
      .
      {onRetry && (
        <div className={classes.action}>
          <Button size="compact-sm" variant="light" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </FeatureOff>
  );
}
