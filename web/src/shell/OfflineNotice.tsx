import { useNetwork } from "@mantine/hooks";
import { Banner } from "./Banner";

/** Says that the browser has no connection; what was typed stays where it is. */
export function OfflineNotice() {
  const { online } = useNetwork();
  if (online) return null;
  return (
    <Banner title="You are offline">
      What you see may be old. It is loaded anew once the connection is back.
    </Banner>
  );
}
