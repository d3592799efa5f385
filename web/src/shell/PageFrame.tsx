import { useQuery } from "@tanstack/react-query";
import { Link, linkOptions, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { includesRole, sessionQuery } from "../api/session";
import type { Fund } from "../api/wire";
import { KillButton } from "../flag-admin/KillSwitch";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { ColorSchemeButton } from "./ColorSchemeButton";
import classes from "./PageFrame.module.css";

interface Props {
  readonly funds?: readonly Fund[];
  readonly fundId?: number | undefined;
  readonly banner?: ReactNode;
  readonly children: ReactNode;
}

/** What stands around every page: the name, the choice of fund, where one can go, the colour scheme, banners. */
export function PageFrame({ funds = [], fundId, banner, children }: Props) {
  const mayImport = includesRole(useQuery(sessionQuery).data, "analyst");
  const hasLots = useLotLevelMoic().isOn;
  return (
    <>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      {banner}
      <header className={classes.bar}>
        <Link to="/" className={classes.brand}>
          <img src="/favicon.svg" alt="" width="22" height="22" />
          Lotwise
        </Link>
        {funds.length > 1 && fundId !== undefined && <FundChoice funds={funds} fundId={fundId} />}
        <nav aria-label="Pages" className={classes.pages}>
          {pages(fundId, mayImport, hasLots).map(({ label, ...page }) => (
            <Link key={label} {...page} className={classes.page}>
              {label}
            </Link>
          ))}
        </nav>
        <KillButton />
        <ColorSchemeButton />
      </header>
      <main id="content" className={classes.content} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** Pages of a fund, then those of the house. */
function pages(fundId: number | undefined, mayImport: boolean, hasLots: boolean) {
  const ofFund = fundId === undefined ? null : { fundId: String(fundId) };
  const exactly = { activeOptions: { exact: true, includeSearch: false } };
  return [
    ...(ofFund === null
      ? []
      : [
          {
            label: "Portfolio",
            ...linkOptions({ to: "/funds/$fundId", params: ofFund, ...exactly }),
          },
          {
            label: "Reserves",
            ...linkOptions({ to: "/funds/$fundId/reserves", params: ofFund }),
          },
          ...(hasLots
            ? [
                {
                  label: "Fund table",
                  ...linkOptions({ to: "/funds/$fundId/analysis", params: ofFund }),
                },
              ]
            : []),
          {
            label: "Snapshots",
            ...linkOptions({ to: "/funds/$fundId/snapshots", params: ofFund }),
          },
          ...(mayImport
            ? [
                {
                  label: "Import",
                  ...linkOptions({ to: "/funds/$fundId/import", params: ofFund }),
                },
              ]
            : []),
        ]),
    { label: "Flags", ...linkOptions({ to: "/flags" }) },
    { label: "Rollouts", ...linkOptions({ to: "/rollouts" }) },
    { label: "Health", ...linkOptions({ to: "/health" }) },
    { label: "Settings", ...linkOptions({ to: "/settings" }) },
  ];
}

function FundChoice({ funds, fundId }: { funds: readonly Fund[]; fundId: number }) {
  const navigate = useNavigate();
  return (
    <select
      className={classes.choice}
      aria-label="Fund"
      value={fundId}
      onChange={(event) =>
        void navigate({ to: "/funds/$fundId", params: { fundId: event.currentTarget.value } })
      }
    >
      {funds.map((fund) => (
        <option key={fund.id} value={fund.id}>
          {fund.name}
        </option>
      ))}
    </select>
  );
}
