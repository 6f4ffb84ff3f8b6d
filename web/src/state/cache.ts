import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, isApiError } from "../api/errors";
import { keys } from "./keys";

/** What was fetched, for as long as the page is open; nothing is kept beyond it. */
export function createCache(): QueryClient {
  // A session that ended elsewhere shows as signed out at once, with nothing left behind.
  const onError = (error: unknown) => {
    if (!isApiError(error, "unauthenticated")) return;
    cache.clear();
    cache.setQueryData(keys.me, null);
  };
  const cache: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        onError(error);
        // What a card showed while it was open goes with the right to see it.
        if (
          isApiError(error, "access_closed", "denied", "not_found") &&
          query.state.data !== undefined
        )
          query.setState({ data: undefined });
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 60_000,
        // What the server refused it will refuse again; a lost line may come back.
        retry: (count, error) =>
          count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      },
      mutations: { retry: false },
    },
  });
  return cache;
}
