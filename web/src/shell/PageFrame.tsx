import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Fund } from "../api/wire";
import { ColorSchemeButton } from "./ColorSchemeButton";
import classes from "./PageFrame.module.css";

interface Props {
  readonly funds?: readonly Fund[];
  readonly fundId?: number;
  readonly banner?: ReactNode;
  readonly children: ReactNode;
}

/** What stands around every page: the name, the choice of fund, the colour scheme, a banner. */
export function PageFrame({ funds = [], fundId, banner, children }: Props) {
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
        <span className={classes.space} />
        <ColorSchemeButton />
      </header>
      <main id="content" className={classes.content} tabIndex={-1}>
        {children}
      </main>
    </>
  );
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
