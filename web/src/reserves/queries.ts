import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { components } from "../api/schema";
import { ranking } from "./ranking";
import { CHANGES_MAX } from "./what-if";

type WireChange = components["schemas"]["PlanChange"];

const params = (fundId: number, asOf: string | undefined) => ({
  path: { fundId },
  query: asOf === undefined ? {} : { asOf },
});

/** The ranking as planned. `isOn` is a part of the key: a kill or a restore asks anew. */
export function rankingQuery(fundId: number, asOf: string | undefined, isOn: boolean) {
  return queryOptions({
    queryKey: ["funds", fundId, "reserve-ranking", asOf ?? "today", isOn],
    queryFn: async ({ signal }) =>
      ranking(
        await body(
          api.GET("/api/funds/{fundId}/reserves/ranking", { params: params(fundId, asOf), signal }),
        ),
      ),
  });
}

/** The ranking before and after changes of the plan. Meanwhile the last answer stays, so that nothing jumps. */
export function whatIfQuery(
  fundId: number,
  asOf: string | undefined,
  changes: readonly WireChange[],
) {
  return queryOptions({
    queryKey: ["funds", fundId, "reserve-what-if", asOf ?? "today", changes],
    queryFn: async ({ signal }) => {
      const answer = await body(
        api.POST("/api/funds/{fundId}/reserves/ranking", {
          params: params(fundId, asOf),
          body: { changes: [...changes] },
          signal,
        }),
      );
      return { before: ranking(answer.before), after: ranking(answer.after) };
    },
    enabled: changes.length > 0 && changes.length <= CHANGES_MAX,
    placeholderData: keepPreviousData,
  });
}
