import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../api/session";

/** Names whoever acted: the person who is signed in by name, the rollout as itself, others by their key. */
export function useActorName(): (key: string) => string {
  const session = useQuery(sessionQuery).data;
  return (key) => {
    if (key.startsWith("rollout:")) return "the rollout itself";
    if (session && key === session.key) return session.name ?? key;
    return key;
  };
}
