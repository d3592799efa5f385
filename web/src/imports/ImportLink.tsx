import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { includesRole, sessionQuery } from "../api/session";

interface Props {
  readonly fundId: number;
  readonly className?: string | undefined;
  readonly children: string;
}

/** The way to the import of a fund, for those who may; nothing for others. */
export function ImportLink({ fundId, className, children }: Props) {
  const session = useQuery(sessionQuery);
  if (!includesRole(session.data, "analyst")) return null;
  return (
    <Link
      to="/funds/$fundId/import"
      params={{ fundId: String(fundId) }}
      {...(className === undefined ? {} : { className })}
    >
      {children}
    </Link>
  );
}
