import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { fundsQuery } from "../api/queries";
import { includesRole, sessionQuery } from "../api/session";
import type { Fund } from "../api/wire";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { PageHeading } from "../shell/PageHeading";
import { Applied } from "./Applied";
import { CheckedFile } from "./CheckedFile";
import { FILE_BYTES_MAX, readChosen } from "./chosen-file";
import { EarlierImports } from "./EarlierImports";
import { FailureNotice } from "./FailurePanel";
import { FileDrop } from "./FileDrop";
import { notReadable, severalFiles, tooLarge } from "./failure-text";
import { useHeldImport, withFile } from "./held-import";
import { ImportOff } from "./ImportOff";
import classes from "./imports.module.css";
import { useIsApplying } from "./use-import";

const route = getRouteApi("/funds/$fundId/import");
const NEEDED_ROLE = "analyst";

/** Files into a fund: checked at once, applied as a whole, and undone. */
export function ImportPage() {
  const fundId = Number(route.useParams().fundId);
  const funds = useQuery(fundsQuery);
  const session = useQuery(sessionQuery);
  const fund = funds.data?.find(({ id }) => id === fundId);
  const mayImport = includesRole(session.data, NEEDED_ROLE);
  return (
    <>
      <title>Import · Lotwise</title>
      <PageHeading title="Import" fund={{ id: fundId, name: fund?.name }}>
        {mayImport && (
          <Link
            className={classes.template}
            to="/funds/$fundId/migration"
            params={{ fundId: String(fundId) }}
          >
            Legacy investments into lots
          </Link>
        )}
        <a
          className={classes.template}
          href={`/api/funds/${fundId}/import-template.xlsx`}
          download="lotwise-import-template.xlsx"
        >
          Download the template (XLSX)
        </a>
      </PageHeading>
      {session.error ? (
        <Failure
          error={session.error}
          title="Who you are could not be loaded"
          onRetry={() => void session.refetch()}
        />
      ) : !session.data || !funds.data ? (
        <Skeleton height={120} radius={10} aria-label="Loading" />
      ) : !fund ? (
        <Empty title="There is no such fund">
          Or it is none that you may see. Choose another one above.
        </Empty>
      ) : (
        <>
          {mayImport ? (
            <Steps key={fundId} fund={fund} />
          ) : (
            <Empty title="You may not import into this fund">
              Importing needs the role {NEEDED_ROLE}; yours is {session.data.role}. Ask an
              administrator for a token with it.
            </Empty>
          )}
          <EarlierImports fundId={fundId} mayUndo={mayImport} />
        </>
      )}
    </>
  );
}

/** From the choice of a file to what came of it. */
function Steps({ fund }: { fund: Fund }) {
  const feature = useLotLevelMoic();
  const isApplying = useIsApplying(fund.id);
  const { held, change } = useHeldImport(fund.id);
  const { file, unreadable, applied } = held;

  async function choose(files: readonly File[]): Promise<void> {
    const [chosen] = files;
    if (!chosen) return;
    if (files.length > 1) return change({ unreadable: severalFiles(files.length) });
    if (chosen.size > FILE_BYTES_MAX) return change({ unreadable: tooLarge(chosen.size) });
    try {
      change(withFile(held, await readChosen(chosen)));
    } catch {
      change({ unreadable: notReadable(chosen.name) });
    }
  }

  if (!feature.isKnown) return <Skeleton height={120} radius={10} aria-label="Loading" />;
  return (
    <div className={classes.steps}>
      {feature.isOn && (
        <FileDrop
          hasFile={file !== null}
          isBusy={isApplying}
          onFiles={(files) => void choose(files)}
        />
      )}
      {unreadable && <FailureNotice text={unreadable} />}
      {applied && <Applied applied={applied} onUndone={(undone) => change({ applied: undone })} />}
      {file ? (
        <CheckedFile
          key={file.id}
          fundId={fund.id}
          currency={fund.currency}
          file={file}
          held={held}
          isOn={feature.isOn}
          change={change}
        />
      ) : (
        !feature.isOn && <ImportOff fundId={fund.id} />
      )}
    </div>
  );
}
