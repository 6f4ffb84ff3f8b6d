import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "../../api/errors";
import type { Schedule } from "../../api/types";
import {
  draftOf,
  type Faults,
  faultsOf,
  type HoursDraft,
  refusedFields,
  sameHours,
  updateOf,
} from "../../state/hours";
import { keys } from "../../state/keys";
import { useSetSchedule } from "../../state/schedule";
import { useErrorText, useToasts } from "../../state/toast";

export interface Hours {
  draft: HoursDraft;
  change: (make: (draft: HoursDraft) => void) => void;
  faults: Faults;
  dirty: boolean;
  saving: boolean;
  /** Changed elsewhere under what is being edited. */
  clash: boolean;
  save: () => void;
  undo: () => void;
  takeTheirs: () => void;
  keepMine: () => void;
}

interface Editing {
  base: Schedule;
  draft: HoursDraft;
}

const fresh = (base: Schedule): Editing => ({ base, draft: draftOf(base) });

/** The edit of one doctor's hours: what it began from, what is wrong in it, and its saving. */
export function useHours(practitionerId: string, known: Schedule): Hours {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const toasts = useToasts();
  const errorText = useErrorText();
  const set = useSetSchedule(practitionerId);
  // What was left unsaved on this page waits for the next look at it.
  const shelf = [...keys.schedule, practitionerId, "unsaved"];
  const [state, setState] = useState(() => cache.getQueryData<Editing>(shelf) ?? fresh(known));
  const [checked, setChecked] = useState(false);
  const [refused, setRefused] = useState<Faults>(new Map());

  const dirty = !sameHours(state.draft, draftOf(state.base));
  const newer = known.version !== state.base.version;
  useEffect(() => {
    if (newer && !dirty && !set.isPending) setState(fresh(known));
  }, [newer, dirty, set.isPending, known]);

  const last = useRef({ state, dirty });
  last.current = { state, dirty };
  // biome-ignore lint/correctness/useExhaustiveDependencies: on the way out only
  useEffect(() => {
    cache.setQueryDefaults(shelf, { gcTime: Number.POSITIVE_INFINITY });
    cache.removeQueries({ queryKey: shelf });
    return () => {
      if (!last.current.dirty) return;
      cache.setQueryData(shelf, last.current.state);
      toasts.show(t("hours.kept"));
    };
  }, []);
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);

  const wrong = faultsOf(state.draft);
  const send = (base: Schedule) => {
    setChecked(true);
    if (wrong.size > 0) {
      // The first one is found by its mark, once it is drawn.
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
      );
      return;
    }
    set.mutate(
      { version: base.version, body: updateOf(state.draft) },
      {
        onSuccess: (saved) => {
          setState(fresh(saved));
          setChecked(false);
        },
        onError: (error) => {
          if (isApiError(error, "version_stale")) return;
          if (isApiError(error, "invalid")) {
            setRefused(refusedFields(state.draft, error.fields.keys()));
          }
          toasts.show(errorText(error), "bad");
        },
      },
    );
  };

  return {
    draft: state.draft,
    change: (make) => {
      setRefused(new Map());
      setState(({ base, draft }) => {
        const next = structuredClone(draft);
        make(next);
        return { base, draft: next };
      });
    },
    // Ranges in the wrong order are told at once; an empty field only when it is sent.
    faults: new Map([...wrong, ...refused].filter(([, kind]) => checked || kind !== "dates")),
    dirty,
    saving: set.isPending,
    clash: newer && dirty && !set.isPending,
    save: () => send(state.base),
    undo: () => {
      setChecked(false);
      setRefused(new Map());
      setState(fresh(known));
    },
    takeTheirs: () => setState(fresh(known)),
    keepMine: () => {
      setState({ base: known, draft: state.draft });
      send(known);
    },
  };
}
