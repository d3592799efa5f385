import { TextInput } from "@mantine/core";
import { Disclosure } from "./Disclosure";
import { type FieldProblems, fieldOf, type MigrationDraft, NO_TERMS } from "./draft";
import classes from "./migration.module.css";

interface Props {
  readonly investmentId: number;
  /** Which investment it is, for those who do not see the row. */
  readonly subject: string;
  readonly currency: string;
  readonly draft: MigrationDraft;
  readonly problems: FieldProblems;
  readonly onChange: (next: Partial<MigrationDraft>) => void;
}

/** Shares or price of an investment that somebody knows, in the place of a count of the whole company. */
export function GivenTermsFields(props: Props) {
  const { investmentId, subject, currency, draft, problems, onChange } = props;
  const typed = draft.given[investmentId] ?? NO_TERMS;
  const change = (next: Partial<typeof typed>) =>
    onChange({ given: { ...draft.given, [investmentId]: { ...typed, ...next } } });
  return (
    <Disclosure
      summary="Or its own shares or price"
      label={`Or shares or price of ${subject}`}
      isTyped={typed.shares !== "" || typed.price !== ""}
      isInRow
    >
      <span className={classes.fields}>
        <TextInput
          size="xs"
          label="Shares acquired"
          aria-label={`Shares acquired of ${subject}`}
          inputMode="decimal"
          autoComplete="off"
          value={typed.shares}
          error={problems[fieldOf.givenShares(investmentId)]}
          onChange={(event) => change({ shares: event.currentTarget.value })}
        />
        <TextInput
          size="xs"
          label={`Price per share, ${currency}`}
          aria-label={`Price per share of ${subject}`}
          inputMode="decimal"
          autoComplete="off"
          value={typed.price}
          error={problems[fieldOf.givenPrice(investmentId)]}
          onChange={(event) => change({ price: event.currentTarget.value })}
        />
      </span>
    </Disclosure>
  );
}
