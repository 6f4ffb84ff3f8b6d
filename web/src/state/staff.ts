import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import type { components } from "../api/schema";
import { keys } from "./keys";

type Schemas = components["schemas"];
export type StaffMember = Schemas["StaffMember"];
export type StaffUpdate = Schemas["StaffUpdate"];
export type StaffRole = StaffMember["role"];
export type ClinicSettings = Schemas["ClinicSettings"];
export type ClinicUpdate = Schemas["ClinicUpdate"];
export type ServiceSettings = Schemas["ServiceSettings"];
export type ServiceUpdate = Schemas["ServiceUpdate"];
export type AuditLine = Schemas["AuditLine"];

const match = (version: number) => ({ "If-Match": `"${version}"` });

/** The people who work for the clinic, for its administrator. */
export const staffQuery = queryOptions({
  queryKey: [...keys.practitioners, "staff"],
  queryFn: async () => (await ok(api.GET("/staff"))).items,
});

/** The clinic's settings, for its administrator. */
export const clinicQuery = queryOptions({
  queryKey: [...keys.me, "clinic"],
  queryFn: () => ok(api.GET("/clinic")),
});

/** Every service with what its administrator may change. */
export const serviceSettingsQuery = queryOptions({
  queryKey: [...keys.services, "settings"],
  queryFn: () => ok(api.GET("/clinic/services")),
});

export function useSaveMember() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({
      member,
      role,
      body,
    }: {
      member: StaffMember | undefined;
      role: StaffRole;
      body: StaffUpdate;
    }) => {
      if (!member) return ok(api.POST("/staff", { body: { ...body, role } }));
      await ok(
        api.PUT("/staff/{id}", {
          params: { path: { id: member.accountId }, header: match(member.version) },
          body,
        }),
      );
      return undefined;
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.practitioners }),
  });
}

export function useMemberAction() {
  const cache = useQueryClient();
  const path = (id: string) => ({ params: { path: { id } } });
  const settle = { onSettled: () => cache.invalidateQueries({ queryKey: keys.practitioners }) };
  return {
    close: useMutation({
      mutationFn: (id: string) => ok(api.POST("/staff/{id}/close", path(id))),
      ...settle,
    }),
    reopen: useMutation({
      mutationFn: (id: string) => ok(api.POST("/staff/{id}/reopen", path(id))),
      ...settle,
    }),
    invite: useMutation({
      mutationFn: (id: string) => ok(api.POST("/staff/{id}/invite", path(id))),
      ...settle,
    }),
  };
}

export function useSaveClinic() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ version, body }: { version: number; body: ClinicUpdate }) =>
      ok(api.PUT("/clinic", { params: { header: match(version) }, body })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.me }),
  });
}

/** Sets the clinic's picture, or with undefined takes it away. */
export function useSetLogo() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (file: File | undefined) =>
      file
        ? ok(
            api.PUT("/clinic/logo", {
              body: file as unknown as string, // the description knows bytes as a string
              bodySerializer: (body) => body,
              headers: { "Content-Type": "application/octet-stream" },
            }),
          )
        : ok(api.DELETE("/clinic/logo")),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.me }),
  });
}

export function useSaveService() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ known, body }: { known: ServiceSettings | undefined; body: ServiceUpdate }) =>
      known
        ? ok(
            api.PUT("/clinic/services/{id}", {
              params: { path: { id: known.id }, header: match(known.version) },
              body,
            }),
          )
        : ok(api.POST("/clinic/services", { body })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.services }),
  });
}
