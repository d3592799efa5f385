import { NativeSelect, TextInput } from "@mantine/core";
import type { Company } from "../companies/wire";
import type { FieldName, InvestmentFields } from "./draft";
import type { Purchase } from "./purchase-terms";
import { TermInput } from "./TermInput";
import type { FieldProblems } from "./wire-bodies";

/** What every part of the form is given. */
export interface FieldProps {
  readonly fields: InvestmentFields;
  readonly problems: FieldProblems;
  readonly change: (field: FieldName, text: string) => void;
  readonly currency: string;
}

interface Props extends FieldProps {
  readonly companies: readonly Company[];
  readonly derived: Purchase["derived"];
}

const NUMBER_ORDER = ["label", "input", "description", "error"] as const;

/** The investment itself, as the simple MOIC knows it. */
export function ChequeFields({ fields, problems, change, currency, companies, derived }: Props) {
  const of = (name: FieldName) => ({
    value: fields[name],
    error: problems[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      change(name, event.currentTarget.value),
  });
  const byName = companies.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
  return (
    <>
      <NativeSelect
        label="Company"
        withAsterisk
        required
        data={[
          { value: "", label: "Choose a company" },
          ...byName.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
        {...of("company")}
      />
      <TextInput label="Round" required {...of("round")} />
      <TextInput label="Date" required type="date" {...of("date")} />
      <TermInput
        term="amount"
        label={`Amount, ${currency}`}
        required
        placeholder="1,500,000.00"
        typed={fields.amount}
        derived={derived}
        error={problems.amount}
        onType={(text) => change("amount", text)}
      />
      <TextInput
        label="Ownership, %"
        description="Optional; for the simple MOIC"
        inputWrapperOrder={[...NUMBER_ORDER]}
        inputMode="decimal"
        {...of("ownershipPercent")}
      />
      <TextInput
        label={`Post-money valuation, ${currency}`}
        description="Optional; for the simple MOIC"
        inputWrapperOrder={[...NUMBER_ORDER]}
        inputMode="decimal"
        {...of("postMoneyValuation")}
      />
    </>
  );
}
