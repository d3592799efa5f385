import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { AnnouncementForm } from "../announcement/AnnouncementForm";
import { PageHeading } from "../shell/PageHeading";
import { PeopleTab } from "./PeopleTab";
import classes from "./SettingsPage.module.css";
import { settingsSearch } from "./settings-search";
import { TokensTab } from "./TokensTab";
import { YouTab } from "./YouTab";

const route = getRouteApi("/settings");

const TABS = [
  { value: "you", label: "You" },
  { value: "tokens", label: "Tokens" },
  { value: "people", label: "People" },
  { value: "announcement", label: "Announcement" },
] as const;

/** Who one is and what one chose; tokens and people for those who administer them; what is announced. */
export function SettingsPage() {
  const { tab = "you" } = route.useSearch();
  const navigate = route.useNavigate();
  function open(value: string | null): void {
    void navigate({ search: settingsSearch({ tab: value }), resetScroll: false });
  }
  return (
    <>
      <title>Settings · Lotwise</title>
      <PageHeading title="Settings" />
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List aria-label="Settings">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="you" className={classes.panel}>
          <YouTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens" className={classes.panel}>
          <TokensTab />
        </Tabs.Panel>
        <Tabs.Panel value="people" className={classes.panel}>
          <PeopleTab />
        </Tabs.Panel>
        <Tabs.Panel value="announcement" className={classes.panel}>
          <AnnouncementForm />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
