import { getRouteApi } from "@tanstack/react-router";
import classes from "./FundPage.module.css";

const route = getRouteApi("/funds/$fundId");

/** While a year is being typed, the field already holds dates such as 0020-06-30. */
const EARLIEST = "1900-01-01";

/** The date of which the lenses are shown. `present` is the one that the server chose. */
export function AsOf({ present }: { present: string | undefined }) {
  const asOf = route.useSearch({ select: (search) => search.asOf });
  const navigate = route.useNavigate();
  return (
    <label className={classes.control}>
      As of
      <input
        type="date"
        min={EARLIEST}
        key={asOf ?? present}
        defaultValue={asOf ?? present}
        onChange={(event) => {
          const asOf = event.currentTarget.value;
          if (asOf !== "" && asOf < EARLIEST) return;
          void navigate({
            search: ({ asOf: _, ...rest }) => (asOf ? { ...rest, asOf } : rest),
            replace: true,
            resetScroll: false,
          });
        }}
      />
    </label>
  );
}
