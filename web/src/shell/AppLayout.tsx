import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { AnnouncementBanner } from "../announcement/AnnouncementBanner";
import { RequestFailed } from "../api/problem";
import { fundsQuery } from "../api/queries";
import { FlagsProvider } from "../flags/FlagsProvider";
import { KillBanner } from "../flags/KillBanner";
import { LensRefetch } from "../flags/LensRefetch";
import { PageStore } from "../flags/PageStore";
import { useRefetchOfFlags } from "../flags/refetch";
import { OfflineNotice } from "./OfflineNotice";
import { PageFrame } from "./PageFrame";
import { SignIn } from "./SignIn";

/** Around every page: navigation, what everybody has to know, and the sign-in where there is no session. */
export function AppLayout() {
  const { fundId } = useParams({ strict: false });
  const funds = useQuery(fundsQuery);
  const isSignedOut = funds.error instanceof RequestFailed && funds.error.isSignedOut;
  useRefetchOfFlags(!isSignedOut);
  if (isSignedOut) return <SignIn />;
  const chosen = fundId === undefined ? funds.data?.[0]?.id : Number(fundId);
  return (
    <FlagsProvider>
      <PageFrame
        funds={funds.data ?? []}
        fundId={chosen}
        banner={
          <>
            <OfflineNotice />
            <KillBanner />
            <AnnouncementBanner />
          </>
        }
      >
        <PageStore>
          <LensRefetch />
          <Outlet />
        </PageStore>
      </PageFrame>
    </FlagsProvider>
  );
}
