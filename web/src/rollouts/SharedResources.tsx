import classes from "./ArmCharts.module.css";
import { actionWords } from "./stage";
import type { Trigger } from "./wire";
import { count, lasting, percent, taking } from "./words";

const BYTES_PER_MIB = 1024 * 1024;

const LEVELS: readonly { key: string; name: string; format: (level: number) => string }[] = [
  { key: "poolInUse", name: "Database connections in use", format: percent },
  { key: "queueDepth", name: "Snapshot jobs in the queue", format: count },
  {
    key: "workerMemoryBytes",
    name: "Memory of the process",
    format: (bytes) => `${count(bytes / BYTES_PER_MIB)} MiB`,
  },
  { key: "deadlocks", name: "Deadlocks", format: count },
  { key: "snapshotSeconds", name: "Longest snapshot", format: taking },
  { key: "integrityViolations", name: "Broken identities", format: count },
];

interface Props {
  readonly triggers: readonly Trigger[];
  /** What was measured in the last tick that there is. */
  readonly latest: Readonly<Record<string, number>> | undefined;
}

/** What both arms share and cannot be compared on: levels, and how long a trigger has seen them too high. */
export function SharedResources({ triggers, latest = {} }: Props) {
  const watching = triggers.filter((one) => one.class === "shared_resource");
  const measured = LEVELS.filter(({ key }) => latest[key] !== undefined);
  if (watching.length === 0 && measured.length === 0) return null;
  return (
    <div className={classes.shared}>
      <h3>Shared by both arms</h3>
      <dl className={classes.levels}>
        {measured.map(({ key, name, format }) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd>{format(latest[key] ?? 0)}</dd>
          </div>
        ))}
        {watching.map(({ name, action, overSeconds }) => {
          const isOver = overSeconds !== null && overSeconds > 0;
          return (
            <div key={name}>
              <dt>
                {name}, {actionWords(action)}
              </dt>
              <dd data-over={isOver || undefined}>
                {isOver ? `above its level for ${lasting(overSeconds)}` : "below its level"}
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}
