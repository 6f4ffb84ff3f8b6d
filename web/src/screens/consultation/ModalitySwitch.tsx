import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Appointment, Modality } from "../../api/types";
import { seen } from "../../state/appointments";
import { keys } from "../../state/keys";
import { useErrorText, useToasts } from "../../state/toast";
import { Segments } from "../../ui/Segments";

const ways: readonly Modality[] = ["video", "audio", "chat"];

/** How the consultation is held; the doctor may change it, also while it goes on. */
export function ModalitySwitch({ appointment }: { appointment: Appointment }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const toasts = useToasts();
  const errorText = useErrorText();
  const { id, version, modality } = appointment;
  const change = useMutation({
    mutationFn: (way: Modality) =>
      ok(
        api.PUT("/appointments/{id}/modality", {
          params: { path: { id }, header: seen(version) },
          body: { modality: way },
        }),
      ),
    onSuccess: (made) =>
      toasts.show(t("visits.way.done", { way: t(`modality.${made.modality}`) }), "good"),
    onError: (error) => toasts.show(errorText(error), "bad"),
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.appointments }),
        cache.invalidateQueries({ queryKey: keys.encounter }),
      ]),
  });
  return (
    <div data-testid="modality">
      <Segments
        label={t("visits.way.title")}
        value={change.isPending ? change.variables : modality}
        onChange={(way) => !change.isPending && way !== modality && change.mutate(way)}
        options={ways.map((way) => ({ value: way, name: t(`modality.${way}`) }))}
      />
    </div>
  );
}
