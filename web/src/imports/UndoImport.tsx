import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AskOnce } from "../shell/AskOnce";
import { undoImport } from "./queries";
import type { FundImport } from "./wire";

/** Taking an import back; whatever shows the fund is loaded anew afterwards. */
export function useUndo({ fundId, id }: FundImport, onUndone?: (undone: FundImport) => void) {
  const queryClient = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: () => undoImport(fundId, id),
    onSuccess: (undone) => onUndone?.(undone),
    // Also after a failure: somebody else may have taken it back.
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["funds", fundId] }),
  });
}

interface Props {
  readonly of: FundImport;
  readonly undo: ReturnType<typeof useUndo>;
}

export function UndoButton({ of, undo }: Props) {
  return (
    <AskOnce
      act="Undo"
      subject={`the import of ${of.name}`}
      question="Take everything back that it wrote?"
      isBusy={undo.isPending}
      onConfirm={() => undo.mutate()}
    />
  );
}
