import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, ok } from "../api/client";
import { keys } from "./keys";
import { makePasskey } from "./passkey";

/** What the viewer signs in with. */
export const securityQuery = queryOptions({
  queryKey: keys.security,
  queryFn: () => ok(api.GET("/me/security")),
});

/** The viewer's signed-in devices. */
export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: () => ok(api.GET("/sessions")),
});

/** Asks again for what a change may have changed. */
export function useSecurityChanged(): () => Promise<void> {
  const cache = useQueryClient();
  return useCallback(async () => {
    await Promise.all([
      cache.invalidateQueries({ queryKey: keys.security }),
      cache.invalidateQueries({ queryKey: keys.sessions }),
    ]);
  }, [cache]);
}

export const setPassword = (password: string) =>
  ok(api.PUT("/me/security/password", { body: { password } }));

/** Makes a passkey on this device and takes it into use. */
export async function addPasskey(name: string) {
  const { options } = await ok(api.POST("/me/security/passkeys/options"));
  const credential = await makePasskey(options);
  return ok(api.POST("/me/security/passkeys", { body: { name, credential } }));
}
