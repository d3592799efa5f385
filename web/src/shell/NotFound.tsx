import { Link } from "@tanstack/react-router";
import { Empty } from "./Empty";
import { PageFrame } from "./PageFrame";

export function NotFound() {
  return (
    <PageFrame>
      <title>Not found · Lotwise</title>
      <Empty title="There is nothing at this address">
        <Link to="/">Go to the first fund</Link>
      </Empty>
    </PageFrame>
  );
}
