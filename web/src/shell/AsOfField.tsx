interface Props {
  readonly className: string | undefined;
  /** The date that was chosen; undefined while it is the one the server chose. */
  readonly chosen: string | undefined;
  /** The one that the server chose. */
  readonly present: string | undefined;
  /** Undefined: the server chooses again. */
  readonly onChoose: (asOf: string | undefined) => void;
}

/** While a year is being typed, the field already holds dates such as 0020-06-30. */
const EARLIEST = "1900-01-01";

/** The date of which lenses are shown. */
export function AsOfField({ className, chosen, present, onChoose }: Props) {
  return (
    <label className={className}>
      As of
      <input
        type="date"
        min={EARLIEST}
        key={chosen ?? present}
        defaultValue={chosen ?? present}
        onChange={(event) => {
          const asOf = event.currentTarget.value;
          if (asOf !== "" && asOf < EARLIEST) return;
          onChoose(asOf || undefined);
        }}
      />
    </label>
  );
}
