import { relativeTime } from "./relative-time";

/** An instant as seen from now; the instant itself is its title. */
export function RelativeTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {relativeTime(at, new Date())}
    </time>
  );
}
