import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { setApiLanguage } from "../api/client";
import { type Loader, pickLanguage, startI18n } from "../i18n";
import { watchLinks } from "../state/linkToken";
import "../ui/theme.css";
import { App } from "./App";

watchLinks();

const loaders = {
  en: () => import("./strings.en"),
  ru: () => import("./strings.ru"),
};
const load: Loader = async (language) => (await loaders[language]()).default;

const i18n = await startI18n(load, pickLanguage(navigator.languages));
setApiLanguage(i18n.language);
i18n.on("languageChanged", setApiLanguage);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
