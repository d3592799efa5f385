import { getRouteApi } from "@tanstack/react-router";
import classes from "./company.module.css";

const route = getRouteApi("/funds/$fundId/companies/$companyId");

/** While a year is being typed, the field already holds dates such as 0020-06-30. */
const EARLIEST = "1900-01-01";

/** The date of which the lenses are shown. `present` is the one that the server chose; undefined while they are off. */
export function CompanyAsOf({ present }: { present: string | undefined }) {
  const { asOf } = route.useSearch();
  const navigate = route.useNavigate();
  if (present === undefined && asOf === undefined) return null;
  return (
    <label className={classes.control}>
      As of
      <input
        type="date"
        min={EARLIEST}
        key={asOf ?? present}
        defaultValue={asOf ?? present}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          if (chosen !== "" && chosen < EARLIEST) return;
          void navigate({
            search: ({ asOf: _, ...rest }) => (chosen ? { ...rest, asOf: chosen } : rest),
            replace: true,
            resetScroll: false,
          });
        }}
      />
    </label>
  );
}
