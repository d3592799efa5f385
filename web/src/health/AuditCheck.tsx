import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import classes from "./HealthPage.module.css";
import { verifyAudit } from "./queries";
import type { AuditVerification } from "./wire";

/** Checks the audit log when asked to: it reads every entry there is. */
export function AuditCheck() {
  const check = useMutation({ mutationFn: verifyAudit });
  return (
    <section className={card.card} aria-labelledby="audit">
      <header className={card.header}>
        <h2 id="audit" className={card.title}>
          Audit log
        </h2>
      </header>
      <p className={classes.explanation}>
        Every entry carries the hash of the one before. The check reads all of them.
      </p>
      {check.error ? (
        <Failure
          error={check.error}
          title="The audit log could not be checked"
          onRetry={() => check.mutate()}
        />
      ) : (
        <div className={classes.check}>
          <Button
            size="xs"
            variant="light"
            loading={check.isPending}
            onClick={() => check.mutate()}
          >
            {check.data ? "Check again" : "Check the chain"}
          </Button>
          <output>{check.data && <Verdict verification={check.data} />}</output>
        </div>
      )}
    </section>
  );
}

function Verdict({ verification }: { verification: AuditVerification }) {
  if (verification.isIntact) {
    return <span>Intact: every entry has its hash and that of the one before.</span>;
  }
  return (
    <span className={classes.bad}>
      Broken{verification.firstBroken ? ` from entry ${verification.firstBroken} on` : ""}: somebody
      changed the database past the server. Keep a copy of it, and compare with the last backup.
    </span>
  );
}
