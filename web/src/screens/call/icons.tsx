import { type IconType, svg } from "../../ui/icons";

// The few icons that only the call needs, drawn as those of the ui kit.

export const FlipIcon: IconType = (props) =>
  svg(
    props,
    <>
      <path d="M4 9.5A8.3 8.3 0 0 1 18.6 7M20 14.5A8.3 8.3 0 0 1 5.4 17" />
      <path d="M19.2 3.5V7h-3.5M4.8 20.5V17h3.5" />
      <circle cx="12" cy="12" r="2.6" />
    </>,
  );
export const SoundIcon: IconType = (props) =>
  svg(
    props,
    <path d="M4 9.500v5h3.200l4.8 4V5.500l-4.8 4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.500a7.8 7.8 0 0 1 0 11" />,
  );
export const AddPersonIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="10" cy="8.3" r="3.3" />
      <path d="M3.8 19.300c.4-3.4 3-5.5 6.2-5.5 1.7 0 3.2.6 4.3 1.600M18 14v6M15 17h6" />
    </>,
  );
export const CornerIcon: IconType = (props) =>
  svg(
    props,
    <path d="M4 9V6.500A2.5 2.5 0 0 1 6.5 4H9M20 15v2.500a2.5 2.5 0 0 1-2.5 2.500H15M8 8l8 8M16 12v4h-4" />,
  );
export const HangUpIcon: IconType = (props) =>
  svg(
    props,
    <path
      d="M3.2 14.600c-.5-.5-.6-2.4.6-3.600C5.9 8.9 8.8 7.9 12 7.900s6.1 1 8.2 3.100c1.2 1.2 1.1 3.1.6 3.600l-1.1 1c-.4.4-1 .4-1.5.1l-2.6-1.500c-.4-.3-.7-.7-.7-1.200v-1.600a10 10 0 0 0-5.8 0V13c0 .5-.3.9-.7 1.200l-2.6 1.500c-.5.3-1.1.3-1.5-.1z"
      fill="currentColor"
      stroke="none"
    />,
  );
