import { Link } from "@tanstack/react-router";
import { Empty } from "./Empty";

export function NotFound() {
  return (
    <>
      <title>Not found · Lotwise</title>
      <Empty title="There is nothing at this address">
        <Link to="/">Go to the first fund</Link>
      </Empty>
    </>
  );
}
