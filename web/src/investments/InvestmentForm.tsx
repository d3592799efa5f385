import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Fund } from "../api/wire";
import { lotsQuery } from "../companies/queries";
import type { Company } from "../companies/wire";
import card from "../shell/card.module.css";
import { ChequeFields } from "./ChequeFields";
import type { FieldName } from "./draft";
import classes from "./InvestmentForm.module.css";
import { LotFields } from "./LotFields";
import { completePurchase } from "./purchase-terms";
import { Refusal } from "./Refusal";
import { useDraft } from "./use-draft";
import { useSubmission } from "./use-submission";

const route = getRouteApi("/funds/$fundId/investments/new");

interface Props {
  readonly fund: Fund;
  readonly companies: readonly Company[];
  readonly isFeatureOn: boolean;
}

/** The form: amount and round always, price and shares with lot-level MOIC. */
export function InvestmentForm({ fund, companies, isFeatureOn }: Props) {
  const { company, form: formChoice } = route.useSearch();
  const draft = useDraft(fund.id, company);
  const { fields, recordedInvestment } = draft.draft;
  const withLot = isFeatureOn && formChoice !== "legacy";
  const purchase = completePurchase(
    withLot ? fields : { amount: fields.amount, price: "", shares: "" },
  );
  const submission = useSubmission({ fundId: fund.id, draft, purchase, withLot });
  const form = useRef<HTMLFormElement>(null);
  const lots = useQuery({
    ...lotsQuery(fund.id, Number(fields.company)),
    enabled: withLot && fields.company !== "",
  });

  function change(field: FieldName, text: string): void {
    draft.changeFields({ ...fields, [field]: text });
    submission.forgive(field);
  }

  // A company's first lot is its initial one; what was chosen stays.
  const suggestion = lots.data && (lots.data.length === 0 ? "initial" : "follow_on");
  const shown = { ...fields, lotType: fields.lotType || (suggestion ?? "") };
  useEffect(() => {
    if (Object.keys(submission.problems).length === 0) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [submission.problems]);

  const parts = { fields: shown, problems: submission.problems, change, currency: fund.currency };
  const isRecorded = recordedInvestment !== null;
  return (
    <form
      ref={form}
      noValidate
      aria-label="New investment"
      className={`${card.card} ${classes.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!submission.isBusy) void submission.submit(shown);
      }}
    >
      {!withLot && (
        <LegacyNotice isFeatureOn={isFeatureOn} typedLot={fields.price + fields.shares} />
      )}
      <fieldset className={classes.group} disabled={isRecorded}>
        <legend className={classes.legend}>Investment{isRecorded && ", recorded"}</legend>
        <ChequeFields {...parts} companies={companies} derived={purchase.derived} />
      </fieldset>
      {withLot && (
        <fieldset className={classes.group}>
          <legend className={classes.legend}>Lot</legend>
          <LotFields {...parts} purchase={purchase} />
        </fieldset>
      )}
      <Refusal
        failure={submission.failure}
        isRecorded={isRecorded}
        onLeave={() => void submission.leaveWithoutLot()}
      />
      <div className={classes.actions}>
        <Button type="submit" loading={submission.isBusy}>
          {!isRecorded ? "Record investment" : withLot ? "Record the lot" : "Done"}
        </Button>
        <Button
          variant="subtle"
          onClick={() => {
            draft.clear();
            submission.forget();
          }}
        >
          Clear
        </Button>
        <span className={classes.kept}>What you type is kept in this tab.</span>
      </div>
    </form>
  );
}

function LegacyNotice({ isFeatureOn, typedLot }: { isFeatureOn: boolean; typedLot: string }) {
  return (
    <p role="status" className={classes.notice}>
      {isFeatureOn
        ? "This is the legacy form: the investment counts in the simple MOIC, and gets no lot. "
        : "Lot-level MOIC is switched off, so this is the legacy form: the investment counts in the simple MOIC, and gets no lot. "}
      {typedLot !== "" && "The price and shares you typed are kept. "}
      {isFeatureOn && (
        <Link from="/funds/$fundId/investments/new" search={({ form: _, ...rest }) => rest}>
          Use the form with lots
        </Link>
      )}
    </p>
  );
}
