import type { Plugin } from "vite";

/** Serves the entries by path during development, as web.go does from the binary. */
export function pages(): Plugin {
  return {
    name: "consilium-pages",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? "/").split(/[?#]/)[0] ?? "/";
        const own = /^\/(api|ws|src|node_modules|@)/.test(path) || /\.\w+$/.test(path);
        if (!own)
          request.url = /^\/(visit|guest)(\/|$)/.test(path) ? "/visit.html" : "/clinic.html";
        next();
      });
    },
  };
}
