import { getRouteApi } from "@tanstack/react-router";
import { AsOf } from "../shell/AsOf";
import control from "../shell/control.module.css";
import { isRankingColumn, type RankingColumn } from "./ranking";
import classes from "./reserves.module.css";

const route = getRouteApi("/funds/$fundId/reserves");

const ORDERS: readonly { value: RankingColumn; label: string }[] = [
  { value: "rank", label: "Rank" },
  { value: "cost", label: "Expected cost" },
  { value: "proceeds", label: "Expected proceeds" },
  { value: "deployed", label: "MOIC on deployed" },
  { value: "name", label: "Company" },
];

/** Sector, order and date of the ranking; each is in the URL. */
export function RankingControls(props: { sectors: readonly string[]; present: string }) {
  const { sectors, present } = props;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const keep = { replace: true, resetScroll: false };
  return (
    <div className={classes.controls}>
      <label className={control.control}>
        Sector
        <select
          value={search.sector ?? ""}
          onChange={(event) => {
            const sector = event.currentTarget.value;
            void navigate({
              search: ({ sector: _, ...rest }) => (sector ? { ...rest, sector } : rest),
              ...keep,
            });
          }}
        >
          <option value="">All</option>
          {sectors.map((sector) => (
            <option key={sector}>{sector}</option>
          ))}
        </select>
      </label>
      <label className={control.control}>
        Order
        <select
          value={search.sort ?? "rank"}
          onChange={(event) => {
            const sort = event.currentTarget.value;
            const isOther = isRankingColumn(sort) && sort !== "rank";
            void navigate({
              search: ({ sort: _, ...rest }) => (isOther ? { ...rest, sort } : rest),
              ...keep,
            });
          }}
        >
          {ORDERS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <AsOf present={present} />
    </div>
  );
}
