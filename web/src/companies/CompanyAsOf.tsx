import { getRouteApi } from "@tanstack/react-router";
import { AsOfField } from "../shell/AsOfField";
import classes from "./company.module.css";

const route = getRouteApi("/funds/$fundId/companies/$companyId");

/** The date of which the lenses are shown. `present` is the one that the server chose; undefined while they are off. */
export function CompanyAsOf({ present }: { present: string | undefined }) {
  const { asOf } = route.useSearch();
  const navigate = route.useNavigate();
  if (present === undefined && asOf === undefined) return null;
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
