import { Button } from "@mantine/core";
import { useState } from "react";
import { answerText, questionName } from "./answers";
import { FailurePanel } from "./FailurePanel";
import classes from "./imports.module.css";
import {
  choiceOf,
  doubled,
  mappingWith,
  type SheetChoice,
  sheetKey,
  withoutAnswer,
} from "./mapping";
import { SheetMapping } from "./SheetMapping";
import { isConflict, useMapping } from "./use-mapping";
import type { ImportMapping, ImportSheet } from "./wire";

interface Props {
  readonly fundId: number;
  readonly sheets: readonly ImportSheet[];
  /** Whether the file is being checked. */
  readonly isChecking: boolean;
  readonly onForget: () => void;
}

/** How the sheets and columns of the file were understood; what is said otherwise here holds for all files of the fund. */
export function MappingEditor({ fundId, sheets, isChecking, onForget }: Props) {
  const { mapping, save, amend } = useMapping(fundId);
  const isUnclear = sheets.some(({ role, columns }) => role == null && columns.length > 0);
  return (
    // A sheet that nobody understands is what somebody comes here for.
    <details className={classes.details} open={isUnclear}>
      <summary>How the sheets and columns are understood</summary>
      <p className={classes.muted}>
        By their names and headers, unless you say otherwise. What you save holds for this and all
        later files of the fund.
      </p>
      {mapping.error ? (
        <FailurePanel error={mapping.error} doing="check" onRetry={() => void mapping.refetch()} />
      ) : mapping.data ? (
        <>
          <SheetForm
            mapping={mapping.data}
            sheets={sheets}
            isBusy={save.isPending || isChecking}
            onChange={save.reset}
            onSave={(next, onSaved) => save.mutate(next, { onSuccess: onSaved })}
          />
          {save.error &&
            (isConflict(save.error) ? (
              <p role="alert" className={classes.notice}>
                Somebody else has saved another mapping meanwhile. Yours is still here, now on top
                of theirs: look at it, and save once more.
              </p>
            ) : (
              <FailurePanel error={save.error} doing="save" />
            ))}
          <Remembered
            mapping={mapping.data}
            isBusy={amend.isPending}
            onForget={(id) =>
              amend.mutate((present) => withoutAnswer(present, id), { onSuccess: onForget })
            }
          />
          {amend.error && <FailurePanel error={amend.error} doing="save" />}
        </>
      ) : (
        <p>Loading what the fund has said about its files…</p>
      )}
    </details>
  );
}

interface SheetFormProps {
  readonly mapping: ImportMapping;
  readonly sheets: readonly ImportSheet[];
  readonly isBusy: boolean;
  readonly onChange: () => void;
  readonly onSave: (next: ImportMapping, onSaved: () => void) => void;
}

function SheetForm({ mapping, sheets, isBusy, onChange, onSave }: SheetFormProps) {
  // Only what was changed here, so that a mapping that arrives later shows through.
  const [changed, setChanged] = useState<Readonly<Record<string, SheetChoice>>>({});
  const choices = sheets.map((sheet) => changed[sheetKey(sheet)] ?? choiceOf(mapping, sheet));
  const twice = choices.flatMap(doubled);
  const isChanged = Object.keys(changed).length > 0;
  return (
    <form
      aria-label="Sheets and columns"
      className={classes.mapping}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(mappingWith(mapping, changed), () => setChanged({}));
      }}
    >
      {sheets.map((sheet, index) => (
        <SheetMapping
          key={sheetKey(sheet)}
          sheet={sheet}
          choice={choices[index] ?? choiceOf(mapping, sheet)}
          onChange={(choice) => {
            onChange();
            setChanged({ ...changed, [sheetKey(sheet)]: choice });
          }}
        />
      ))}
      {twice.map((headers) => (
        <p key={headers.join()} role="alert" className={classes.loss}>
          {headers.join(" and ")} are to mean the same: leave one of them out.
        </p>
      ))}
      <div className={classes.actions}>
        <Button
          type="submit"
          size="sm"
          variant="light"
          loading={isBusy}
          disabled={!isChanged || twice.length > 0}
        >
          Save for this fund and check again
        </Button>
        {isChanged && (
          <Button
            size="sm"
            variant="subtle"
            onClick={() => {
              onChange();
              setChanged({});
            }}
          >
            Discard
          </Button>
        )}
      </div>
    </form>
  );
}

interface RememberedProps {
  readonly mapping: ImportMapping;
  readonly isBusy: boolean;
  readonly onForget: (id: string) => void;
}

/** Answers that hold for all files of the fund, so that they are asked no more. */
function Remembered({ mapping, isBusy, onForget }: RememberedProps) {
  const answers = Object.entries(mapping.answers);
  if (answers.length === 0) return null;
  return (
    <div>
      <h3 className={classes.sheet}>Remembered answers</h3>
      <ul className={classes.remembered}>
        {answers.map(([id, answer]) => (
          <li key={id}>
            <span>
              {questionName(id)}: <strong>{answerText(answer)}</strong>
            </span>
            <Button
              size="compact-xs"
              variant="subtle"
              disabled={isBusy}
              aria-label={`Forget the answer: ${questionName(id)}`}
              onClick={() => onForget(id)}
            >
              Forget
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
