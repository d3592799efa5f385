import { CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { clientStateQuery } from "../api/queries";
import classes from "./AnnouncementBanner.module.css";
import { isPutAway, rememberPutAway } from "./dismissal";

/** What operators announce to everyone, on every page, until its reader puts it away. */
export function AnnouncementBanner() {
  const announced = useQuery(clientStateQuery).data?.announcement;
  const [putAway, setPutAway] = useState(0);
  if (!announced || announced.version <= putAway || isPutAway(announced.version)) return null;
  const { version, text, link, linkLabel } = announced;
  function close(): void {
    rememberPutAway(version);
    setPutAway(version);
  }
  return (
    <section aria-label="Announcement" className={classes.banner}>
      <p className={classes.text}>
        {text} {link && <AnnouncedLink address={link} label={linkLabel ?? link} />}
      </p>
      <CloseButton size="sm" aria-label="Put the announcement away" onClick={close} />
    </section>
  );
}

/** A path of our own stays in this tab; what leads elsewhere opens another and learns nothing of where it was opened. */
function AnnouncedLink({ address, label }: { address: string; label: string }) {
  const isElsewhere = !address.startsWith("/");
  return (
    <a href={address} {...(isElsewhere ? { target: "_blank", rel: "noopener noreferrer" } : {})}>
      {label}
    </a>
  );
}
