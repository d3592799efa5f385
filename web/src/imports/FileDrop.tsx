import classes from "./imports.module.css";
import { useFileDrop } from "./use-file-drop";

interface Props {
  /** Whether a file is chosen already: this is then about another one. */
  readonly hasFile: boolean;
  readonly isBusy: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

const ACCEPTED = ".csv,.tsv,.txt,.xlsx,.json,.zip";

/** The place for a file: dropped anywhere on the page, or chosen with the button. */
export function FileDrop({ hasFile, isBusy, onFiles }: Props) {
  const isOver = useFileDrop((files) => {
    if (!isBusy) onFiles(files);
  });
  return (
    <div className={classes.drop} data-over={isOver || undefined} data-small={hasFile || undefined}>
      <label className={classes.choose} data-disabled={isBusy || undefined}>
        {hasFile ? "Choose another file" : "Choose a file"}
        <input
          type="file"
          className={classes.input}
          accept={ACCEPTED}
          disabled={isBusy}
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            // The same file can then be chosen again, after it was corrected.
            event.currentTarget.value = "";
            onFiles(files);
          }}
        />
      </label>
      <span>
        {isOver ? "Let go to check the file" : "or drop it anywhere on this page"}
        {!hasFile &&
          !isOver &&
          ": CSV, XLSX, a portfolio document in JSON or an Open Cap Table ZIP, up to 32 MB"}
      </span>
      {!hasFile && (
        <p className={classes.dropNote}>
          It is checked at once. Nothing is written until you press Apply.
        </p>
      )}
    </div>
  );
}
