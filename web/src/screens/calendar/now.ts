import { createContext } from "react";

/** The present time, as the calendar has it: one clock for all that is shown. */
export const NowContext = createContext(new Date());
