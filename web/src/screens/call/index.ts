export { CallScreen, type CallScreenProps } from "./CallScreen";
