import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { type Moment, momentParameters } from "../api/queries";

/** The fund table at a moment. `isOn` is a part of the key: a kill or a restore asks anew. */
export function fundTableQuery(fundId: number, moment: Moment, isOn: boolean) {
  const params = { path: { fundId }, query: momentParameters(moment) };
  return queryOptions({
    queryKey: ["funds", fundId, "fund-table", params.query, isOn],
    queryFn: ({ signal }) => body(api.GET("/api/funds/{fundId}/analysis", { params, signal })),
  });
}
