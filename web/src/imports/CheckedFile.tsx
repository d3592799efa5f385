import { RequestFailed } from "../api/problem";
import { answersOf, questionsOf } from "./answers";
import { ChangesTable } from "./ChangesTable";
import type { ChosenFile } from "./chosen-file";
import { FailurePanel } from "./FailurePanel";
import { FileCard } from "./FileCard";
import { type HeldImport, NOTHING_HELD, withAnswered } from "./held-import";
import { ImportOff } from "./ImportOff";
import classes from "./imports.module.css";
import { MappingEditor } from "./MappingEditor";
import { withAnswers } from "./mapping";
import { Problems, Warnings } from "./ProblemTables";
import { Questions } from "./Questions";
import { useImport } from "./use-import";
import { useMapping } from "./use-mapping";

interface Props {
  readonly fundId: number;
  readonly currency: string;
  readonly file: ChosenFile;
  readonly held: HeldImport;
  readonly isOn: boolean;
  readonly change: (next: Partial<HeldImport>) => void;
}

/** A file on its way: checked at once, asked about, mapped, and applied in the end. */
export function CheckedFile({ fundId, currency, file, held, isOn, change }: Props) {
  const { check, apply } = useImport({ fundId, file, held, isOn, change });
  const { amend } = useMapping(fundId);
  const report = check.data;
  const off = [apply.error, check.error].find(isOff);

  if (!isOn || off) {
    return (
      <ImportOff
        fundId={fundId}
        fileName={file.name}
        {...(off
          ? {
              message: off.message,
              onRetry: () => {
                apply.reset();
                void check.refetch();
              },
            }
          : {})}
      />
    );
  }

  const questions = questionsOf(held.answered, report?.questions ?? []);
  return (
    <>
      <FileCard
        file={file}
        report={report}
        isChecking={check.isFetching}
        isApplying={apply.isPending}
        onApply={() => apply.mutate()}
        onRemove={() => change(NOTHING_HELD)}
      />
      {apply.error && (
        <FailurePanel error={apply.error} doing="apply" onRetry={() => apply.mutate()} />
      )}
      {check.error && (
        <FailurePanel
          error={check.error}
          doing="check"
          onRetry={() => {
            apply.reset();
            void check.refetch();
          }}
        />
      )}
      <Questions
        questions={questions}
        answered={held.answered}
        values={held.values}
        isBusy={check.isFetching}
        onChange={(values) => change({ values })}
        onAnswer={(answered, remembered) => {
          apply.reset();
          if (Object.keys(remembered).length > 0) {
            amend.mutate((mapping) => withAnswers(mapping, remembered));
          }
          const isSame =
            JSON.stringify(answersOf(answered)) === JSON.stringify(answersOf(held.answered));
          if (isSame) void check.refetch();
          else change(withAnswered(held, answered));
        }}
      />
      {amend.error && <FailurePanel error={amend.error} doing="save" />}
      {report && (
        <div aria-busy={check.isFetching} className={classes.report}>
          <Problems problems={report.problems} total={report.problemCount} />
          <Warnings problems={report.warnings} total={report.warningCount} />
          {report.sheets.length > 0 && (
            <MappingEditor
              fundId={fundId}
              sheets={report.sheets}
              isChecking={check.isFetching}
              onForget={() => void check.refetch()}
            />
          )}
          <ChangesTable report={report} currency={currency} />
        </div>
      )}
    </>
  );
}

function isOff(error: Error | null): error is RequestFailed {
  return error instanceof RequestFailed && error.isFeatureDisabled;
}
