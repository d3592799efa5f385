import { getRouteApi } from "@tanstack/react-router";
import { AsOfField } from "../shell/AsOfField";
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
      <label className={classes.control}>
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
      <label className={classes.control}>
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
      <AsOfField
        className={classes.control}
        chosen={search.asOf}
        present={present}
        onChoose={(asOf) =>
          void navigate({
            search: ({ asOf: _, ...rest }) => (asOf ? { ...rest, asOf } : rest),
            ...keep,
          })
        }
      />
    </div>
  );
}
