import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext } from "react";
import { api, ok } from "../api/client";
import { isApiError } from "../api/errors";
import type { Me } from "../api/types";
import { isLanguage, type Language, setLanguage } from "../i18n";
import { keys } from "./keys";

const fetchMe = () => ok(api.GET("/me"));

/**
 * Turns the page to the account's language. What the server had already answered in
 * another one is asked for again.
 */
export async function inOwnLanguage(me: Me): Promise<Me> {
  if (!isLanguage(me.locale) || !(await setLanguage(me.locale))) return me;
  return fetchMe();
}

/** The viewer; null when nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async (): Promise<Me | null> => {
    try {
      return await inOwnLanguage(await fetchMe());
    } catch (error) {
      if (isApiError(error, "unauthenticated")) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

/** Set by the page that has checked who the viewer is. */
export const MeContext = createContext<Me | null>(null);

/** The viewer of a page that only signed-in people reach. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe needs a signed-in viewer above it");
  return me;
}

/** Ends the session and forgets everything that was fetched under it. */
export function useSignOut(): () => Promise<void> {
  const cache = useQueryClient();
  return useCallback(async () => {
    await ok(api.DELETE("/session"));
    cache.clear();
    cache.setQueryData(keys.me, null);
  }, [cache]);
}

/** Switches the language of the page, and of the account when somebody is signed in. */
export function useLanguageSwitch(): (language: Language) => Promise<void> {
  const cache = useQueryClient();
  return useCallback(
    async (language) => {
      await setLanguage(language);
      if (!cache.getQueryData(keys.me)) return;
      const me = await ok(api.PATCH("/me", { body: { locale: language } }));
      cache.setQueryData(keys.me, me);
      // Names of services and the clinic come in the viewer's language.
      await cache.invalidateQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
    },
    [cache],
  );
}
