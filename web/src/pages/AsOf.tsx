import { getRouteApi } from "@tanstack/react-router";
import { AsOfField } from "../shell/AsOfField";
import classes from "./FundPage.module.css";

const route = getRouteApi("/funds/$fundId");

/** The date of which the lenses are shown. `present` is the one that the server chose. */
export function AsOf({ present }: { present: string | undefined }) {
  const asOf = route.useSearch({ select: (search) => search.asOf });
  const navigate = route.useNavigate();
  return (
    <AsOfField
      className={classes.control}
      chosen={asOf}
      present={present}
      onChoose={(asOf) =>
        void navigate({
          search: ({ asOf: _, ...rest }) => (asOf ? { ...rest, asOf } : rest),
          replace: true,
          resetScroll: false,
        })
      }
    />
  );
}
