import type { Appointment } from "../api/types";
import { stages } from "./stages";

/** What is left in sight; empty fields leave everything. */
export interface CalendarFilter {
  doctor: string;
  service: string;
  stage: string;
  modality: string;
  /** Part of the patient's name. Kept out of the address: it is personal. */
  name: string;
}

export const noFilter: CalendarFilter = {
  doctor: "",
  service: "",
  stage: "",
  modality: "",
  name: "",
};

const inAddress = ["doctor", "service", "stage", "modality"] as const;

export function filterOf(search: URLSearchParams, name: string): CalendarFilter {
  const filter = { ...noFilter, name };
  for (const field of inAddress) filter[field] = search.get(field) ?? "";
  return filter;
}

/** How many of the fields narrow the view, besides the doctor, who has a place of their own. */
export const filterSize = (filter: CalendarFilter) =>
  [filter.service, filter.stage, filter.modality, filter.name.trim()].filter(Boolean).length;

/** Letters as people type them: without case, accents and the dots of ё. */
export const folded = (text: string) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("ru").replace(/ё/g, "е");

/** Whether each word that was typed begins a word of the name. */
export function named(name: string, typed: string): boolean {
  const words = folded(name).split(/[\s-]+/);
  return folded(typed)
    .split(/[\s-]+/)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part)));
}

export function passes(appointment: Appointment, filter: CalendarFilter): boolean {
  const { doctor, service, stage, modality, name } = filter;
  return (
    (!doctor || appointment.practitioner.id === doctor) &&
    (!service || appointment.service.id === service) &&
    (!modality || appointment.modality === modality) &&
    (!stage || inStage(appointment.status, stage)) &&
    named(appointment.patient.name, name)
  );
}

const inStage = (status: string, stage: string) =>
  stages.find(({ name }) => name === stage)?.statuses.has(status) ?? true;
