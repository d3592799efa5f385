import { useNavigate, useSearch } from "@tanstack/react-router";
import { chosenDate, withMoment } from "../time/moment-search";
import control from "./control.module.css";

const EARLIEST = "1900-01-01";

/** The date of which a page shows its figures, in its URL. `present` is the one that the server chose. */
export function AsOf({ present }: { present: string | undefined }) {
  const asOf = useSearch({ strict: false, select: (search) => search.asOf });
  const navigate = useNavigate();
  return (
    <label className={control.control}>
      As of
      <input
        type="date"
        min={EARLIEST}
        key={asOf ?? present}
        defaultValue={asOf ?? present}
        onChange={(event) => {
          const chosen = chosenDate(event.currentTarget.value);
          if (chosen === null) return;
          void navigate({
            to: ".",
            search: (search) => withMoment(search, { asOf: chosen }),
            replace: true,
            resetScroll: false,
          });
        }}
      />
    </label>
  );
}
