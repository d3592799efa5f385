import { NativeSelect, TextInput } from "@mantine/core";
import type { FieldProps } from "./ChequeFields";
import classes from "./InvestmentForm.module.css";
import type { Purchase } from "./purchase-terms";
import { TermInput } from "./TermInput";

const LOT_TYPES = [
  { value: "", label: "Choose what kind" },
  { value: "initial", label: "Initial" },
  { value: "follow_on", label: "Follow-on" },
  { value: "secondary", label: "Secondary" },
];

/** What makes an investment a lot: price, shares, kind and class. */
export function LotFields(props: FieldProps & { purchase: Purchase }) {
  const { fields, problems, change, currency, purchase } = props;
  return (
    <>
      <TermInput
        term="price"
        label={`Share price per share, ${currency}`}
        description="Required for 7-lens MOIC calculations"
        required
        placeholder="2.89498"
        typed={fields.price}
        derived={purchase.derived}
        error={problems.price}
        onType={(text) => change("price", text)}
      />
      <TermInput
        term="shares"
        label="Shares acquired"
        description="Any two of amount, price and shares give the third"
        placeholder="518,138.294565"
        typed={fields.shares}
        derived={purchase.derived}
        error={problems.shares}
        onType={(text) => change("shares", text)}
      />
      {purchase.difference && (
        <p role="status" className={classes.difference}>
          Shares × share price is {purchase.difference.product} {currency}, and the amount is{" "}
          {fields.amount}.{" "}
          {purchase.difference.isContradiction
            ? "That is more than 1 % apart: correct one of the three, or empty one to have it computed."
            : "Small differences are kept as they are: the amount is the cost."}
        </p>
      )}
      <NativeSelect
        label="Kind of lot"
        required
        data={LOT_TYPES}
        value={fields.lotType}
        error={problems.lotType}
        onChange={(event) => change("lotType", event.currentTarget.value)}
      />
      <TextInput
        label="Share class"
        description="Common stock when left empty"
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={fields.shareClass}
        error={problems.shareClass}
        onChange={(event) => change("shareClass", event.currentTarget.value)}
      />
    </>
  );
}
