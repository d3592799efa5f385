import { SegmentedControl } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { memo } from "react";
import control from "../shell/control.module.css";
import type { FundSearch } from "./fund-search";

const route = getRouteApi("/funds/$fundId");

interface Props {
  readonly sectors: readonly string[];
  /** Empty while they are not known. */
  readonly stages: readonly string[];
}

/** Which rows the table has: companies, of a sector or a stage, or sectors. */
export const Filters = memo(function Filters({ sectors, stages }: Props) {
  const search = route.useSearch({
    select: ({ by, sector, stage }) => ({ by, sector, stage }),
    structuralSharing: true,
  });
  const navigate = route.useNavigate();
  function choose(change: (search: FundSearch) => FundSearch): void {
    void navigate({ search: change, replace: true, resetScroll: false });
  }

  const bySector = search.by === "sector";
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Rows"
        value={bySector ? "sector" : "company"}
        data={[
          { label: "Companies", value: "company" },
          { label: "Sectors", value: "sector" },
        ]}
        onChange={(value) =>
          choose(({ by: _, ...rest }) =>
            value === "sector" ? { ...rest, by: "sector" as const } : rest,
          )
        }
      />
      {!bySector && (
        <>
          <Choice
            label="Sector"
            value={search.sector}
            options={sectors}
            onChange={(sector) =>
              choose(({ sector: _, ...rest }) => (sector ? { ...rest, sector } : rest))
            }
          />
          <Choice
            label="Stage"
            value={search.stage}
            options={stages}
            onChange={(stage) =>
              choose(({ stage: _, ...rest }) => (stage ? { ...rest, stage } : rest))
            }
          />
        </>
      )}
    </>
  );
});

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value = "", options, onChange }: ChoiceProps) {
  // What the address asks for stays visible, also where the fund has none of it.
  const isStranger = value !== "" && !options.includes(value);
  return (
    <label className={control.control}>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">All</option>
        {isStranger && <option>{value}</option>}
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}
