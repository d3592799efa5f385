import { Button, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { CaseDocument } from "../companies/exit-case";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import card from "../shell/card.module.css";
import { FeatureOff } from "../shell/FeatureOff";
import { Refusal } from "../shell/Refusal";
import { Section } from "../shell/Section";
import { CaseDates } from "./CaseDates";
import { isTyped, type PartialSaleDraft } from "./draft";
import { PartialSaleAnswer } from "./PartialSaleAnswer";
import classes from "./partial-sale.module.css";
import { usePartialSale } from "./use-partial-sale";

interface Props {
  readonly fundId: number;
  readonly companyId: number;
  /** The date of the page; the server's today without one. */
  readonly asOf: string | undefined;
  readonly exitCases: readonly CaseDocument[];
  readonly currency: string;
}

const TITLE = "Partial sale";
/** The help of a field stands below it, where its error appears, too. */
const ORDER = ["label", "input", "description", "error"] as const;

/** Somebody offers to buy a part of the stake: the least valuation at which selling is as good as holding. */
export function PartialSaleSection(props: Props) {
  const feature = useLotLevelMoic();
  if (feature.isKnown && !feature.isOn) {
    return (
      <div className={classes.off}>
        <FeatureOff title={TITLE} message="The lot-level MOIC feature is currently disabled">
          The valuation needs the lots. What you typed is kept until it returns.
        </FeatureOff>
      </div>
    );
  }
  return (
    <Section
      title={TITLE}
      aside="the least valuation at which selling a part today is as good as holding it to the exit; gross"
    >
      {props.exitCases.length === 0 ? (
        <p className={classes.nothing}>
          It follows from the exit cases, and none is entered. Enter at least one.
        </p>
      ) : (
        // Another date is another question: its answer is not shown beside this one.
        <Question key={`${props.companyId} ${props.asOf}`} {...props} />
      )}
    </Section>
  );
}

function Question({ fundId, companyId, asOf, exitCases, currency }: Props) {
  const cases = exitCases.map(({ id }) => id);
  const sale = usePartialSale({ fundId, companyId, asOf, cases });
  const { draft, problems, change } = sale;
  const form = useRef<HTMLFormElement>(null);
  const wrong = Object.keys(problems).join();
  useEffect(() => {
    if (wrong !== "") form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [wrong]);

  const of = (name: Exclude<keyof PartialSaleDraft, "datesByCase">, field: string = name) => ({
    value: draft[name],
    error: problems[field],
    inputWrapperOrder: [...ORDER],
    autoComplete: "off",
    onChange: (event: { currentTarget: { value: string } }) =>
      change({ [name]: event.currentTarget.value }),
  });
  return (
    <div className={card.card}>
      <form
        ref={form}
        noValidate
        aria-label={TITLE}
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!sale.isBusy) sale.ask();
        }}
      >
        <div className={classes.fields}>
          <TextInput
            label="Return asked for, % a year"
            description="What holding on has to bring, as in 25"
            required
            inputMode="text"
            {...of("irrPercent", "irr")}
          />
          <TextInput
            label="Ownership today, %"
            description="The fund's part of the company now, after dilution"
            required
            inputMode="decimal"
            {...of("ownershipPercent", "ownership")}
          />
          <TextInput
            label="Exit expected in, years"
            description="As in 3.5; this or a date"
            inputMode="decimal"
            {...of("years")}
          />
          <TextInput
            label="Exit expected on"
            description="A day instead of years; days over 365"
            type="date"
            {...of("exitDate")}
          />
        </div>
        {cases.length > 1 && (
          <CaseDates
            exitCases={exitCases}
            dates={draft.datesByCase}
            problems={problems}
            onChange={(datesByCase) => change({ datesByCase })}
          />
        )}
        <div className={classes.actions}>
          <Button type="submit" loading={sale.isBusy}>
            Work out the valuation
          </Button>
          {isTyped(draft) && (
            <Button variant="subtle" onClick={sale.clear}>
              Clear
            </Button>
          )}
          <span className={classes.kept}>Nothing is saved; what you type is kept in this tab.</span>
        </div>
        <Refusal error={sale.failure} />
      </form>
      <div role="status">
        {sale.answer && <PartialSaleAnswer {...sale.answer} currency={currency} />}
      </div>
    </div>
  );
}
