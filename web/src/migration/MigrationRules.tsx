import { TextInput } from "@mantine/core";
import { Disclosure } from "./Disclosure";
import { type FieldProblems, fieldOf, type MigrationDraft } from "./draft";
import classes from "./migration.module.css";
import { roundsOf } from "./migration-text";
import type { MigratedInvestment } from "./wire";

interface Props {
  readonly investments: readonly MigratedInvestment[];
  readonly currency: string;
  readonly draft: MigrationDraft;
  readonly problems: FieldProblems;
  readonly onChange: (next: Partial<MigrationDraft>) => void;
}

/** What holds for every investment: what is to be looked at, and how the share classes are called. */
export function MigrationRules({ investments, currency, draft, problems, onChange }: Props) {
  const { classByRound } = draft;
  const isNamed = Object.values(classByRound).some((name) => name !== "");
  return (
    <>
      <div className={classes.rules}>
        <TextInput
          label={`Review above (${currency})`}
          description="Investments of more than this amount are listed for review"
          inputMode="decimal"
          autoComplete="off"
          value={draft.reviewAbove}
          error={problems[fieldOf.reviewAbove]}
          onChange={(event) => onChange({ reviewAbove: event.currentTarget.value })}
        />
        <TextInput
          label="Tolerance (%)"
          description="How far amount and shares may be from the ownership on record"
          placeholder="1"
          inputMode="decimal"
          autoComplete="off"
          value={draft.tolerancePercent}
          error={problems[fieldOf.tolerance]}
          onChange={(event) => onChange({ tolerancePercent: event.currentTarget.value })}
        />
      </div>
      <Disclosure summary="Share classes by round" isTyped={isNamed}>
        <div className={classes.rules}>
          {roundsOf(investments).map((round) => (
            <TextInput
              key={round}
              label={`Share class of ${round === "" ? "rounds without a name" : round}`}
              placeholder={round === "" ? "COMMON" : round}
              autoComplete="off"
              value={classByRound[round] ?? ""}
              error={problems[fieldOf.round(round)]}
              onChange={(event) =>
                onChange({ classByRound: { ...classByRound, [round]: event.currentTarget.value } })
              }
            />
          ))}
        </div>
      </Disclosure>
    </>
  );
}
