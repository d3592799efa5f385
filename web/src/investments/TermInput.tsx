import { TextInput, type TextInputProps } from "@mantine/core";
import { useState } from "react";
import classes from "./InvestmentForm.module.css";
import type { Purchase, Term } from "./purchase-terms";

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  readonly term: Term;
  readonly typed: string;
  readonly derived: Purchase["derived"];
  readonly onType: (text: string) => void;
}

const OTHERS: Readonly<Record<Term, string>> = {
  amount: "price × shares",
  price: "amount ÷ shares",
  shares: "amount ÷ price",
};

/** One of amount, price and shares: what was typed, or what follows from the other two. */
export function TermInput({ term, typed, derived, onType, ...input }: Props) {
  // A field that has just been emptied stays so while it has the focus, so that something else can be typed.
  const [isEmptied, setEmptied] = useState(false);
  const follows = derived?.term === term ? derived.text : null;
  const isDerived = follows !== null && !isEmptied;
  return (
    <TextInput
      {...input}
      className={classes.number ?? ""}
      inputMode="decimal"
      autoComplete="off"
      value={isDerived ? follows : typed}
      rightSection={isDerived && <span className={classes.computed}>= {OTHERS[term]}</span>}
      rightSectionWidth={isDerived ? 128 : undefined}
      rightSectionPointerEvents="none"
      inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setEmptied(text === "");
        onType(text);
      }}
      onBlur={() => setEmptied(false)}
    />
  );
}
