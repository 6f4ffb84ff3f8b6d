import type { ReactNode, SVGProps } from "react";

// Own 24-unit line icons; they inherit the text's colour and size.

export type IconProps = Omit<SVGProps<SVGSVGElement>, "children"> & { size?: number };
export type IconType = (props: IconProps) => ReactNode;

/** One line drawing on the 24-unit grid; other folders draw icons of their own with it. */
export function svg({ size = 20, ...rest }: IconProps, shape: ReactNode): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...rest}
    >
      {shape}
    </svg>
  );
}

export const CalendarIcon: IconType = (props) =>
  svg(
    props,
    <path d="M4 8.5A2.5 2.5 0 0 1 6.5 6h11A2.5 2.5 0 0 1 20 8.5v9a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17.5zM4 11h16M8.5 3.5v4M15.5 3.5v4" />,
  );
export const BoardIcon: IconType = (props) =>
  svg(props, <path d="M5 4.5h3.5v15H5zM10.3 4.5h3.4v9h-3.4zM15.5 4.5H19v12h-3.5z" />);
export const ListIcon: IconType = (props) =>
  svg(props, <path d="M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01" />);
export const PeopleIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="9" cy="8.5" r="3.3" />
      <path d="M3 19c.6-3.3 3-5 6-5s5.4 1.7 6 5M15.7 5.600a3.3 3.3 0 0 1 0 5.800M17.5 14.300c2 .7 3.2 2.3 3.5 4.7" />
    </>,
  );
export const PersonIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="12" cy="8" r="3.6" />
      <path d="M5 20c.7-3.9 3.5-5.9 7-5.900s6.3 2 7 5.9" />
    </>,
  );
export const TeamIcon: IconType = (props) =>
  svg(
    props,
    <path d="M6 3.500v5a4 4 0 0 0 8 0v-5M4.5 3.500H7M13 3.500h2.500M10 12.500V15a5 5 0 0 0 10 0v-1.500M20 13.400a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.400z" />,
  );
export const PulseIcon: IconType = (props) =>
  svg(props, <path d="M3 12.500h4l2.5-7 4.5 13 2.5-6H21" />);
export const PlusIcon: IconType = (props) => svg(props, <path d="M12 5v14M5 12h14" />);
export const CloseIcon: IconType = (props) => svg(props, <path d="M6 6l12 12M18 6L6 18" />);
export const CheckIcon: IconType = (props) => svg(props, <path d="M5 12.500l4.5 4.500L19 7.5" />);
export const ChevronLeftIcon: IconType = (props) =>
  svg(props, <path d="M14.5 5.500L8 12l6.5 6.5" />);
export const ChevronRightIcon: IconType = (props) =>
  svg(props, <path d="M9.5 5.500L16 12l-6.5 6.5" />);
export const ChevronDownIcon: IconType = (props) =>
  svg(props, <path d="M5.5 9.500L12 16l6.5-6.5" />);
export const MoreIcon: IconType = (props) =>
  svg(props, <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" strokeWidth={2.6} />);
export const ClockIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="12" cy="12" r="8.3" />
      <path d="M12 7.300V12l3.2 2" />
    </>,
  );
export const WaitingIcon: IconType = (props) =>
  svg(
    props,
    <path d="M7 4h10M7 20h10M8 4v3.200c0 2 4 3 4 4.8 0-1.8 4-2.8 4-4.800V4M8 20v-3.200c0-2 4-3 4-4.8 0 1.8 4 2.8 4 4.800V20" />,
  );
export const VideoIcon: IconType = (props) =>
  svg(
    props,
    <path d="M3.5 8.500a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2zM15.5 11l5-3v8l-5-3" />,
  );
export const VideoOffIcon: IconType = (props) =>
  svg(
    props,
    <path d="M8.5 6.500h5a2 2 0 0 1 2 2v4M15.5 15.500a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-7c0-.8.5-1.5 1.2-1.800M15.5 11l5-3v8l-2-1.200M4 4l16 16" />,
  );
export const MicIcon: IconType = (props) =>
  svg(
    props,
    <path d="M9 7a3 3 0 0 1 6 0v4.500a3 3 0 0 1-6 0zM5.5 11.500a6.5 6.5 0 0 0 13 0M12 18v3" />,
  );
export const MicOffIcon: IconType = (props) =>
  svg(
    props,
    <path d="M9 9.500v2a3 3 0 0 0 4.8 2.400M15 11V7a3 3 0 0 0-5.8-1M5.5 11.500a6.5 6.5 0 0 0 10.3 5.300M18.5 11.500c0 1-.2 1.9-.6 2.700M12 18v3M4 4l16 16" />,
  );
export const ScreenIcon: IconType = (props) =>
  svg(
    props,
    <path d="M3.5 6.500a2 2 0 0 1 2-2h13a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2zM9 20h6M12 13.500V8M9.5 10L12 7.500l2.5 2.5" />,
  );
export const ChatIcon: IconType = (props) =>
  svg(
    props,
    <path d="M4 6.500A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.500v7a2.5 2.5 0 0 1-2.5 2.500H11l-4.5 4v-4A2.5 2.5 0 0 1 4 13.500zM8.5 8.500h7M8.5 11.700h4.5" />,
  );
export const SendIcon: IconType = (props) =>
  svg(props, <path d="M4.5 12L4 5l16.5 7L4 19l.5-7zM4.5 12h7" />);
export const AttachIcon: IconType = (props) =>
  svg(
    props,
    <path d="M19.5 11.500l-7.6 7.600a4.8 4.8 0 0 1-6.8-6.800l7.9-7.900a3.2 3.2 0 0 1 4.5 4.500l-7.8 7.800a1.6 1.6 0 0 1-2.3-2.300l7-7" />,
  );
export const PhoneOffIcon: IconType = (props) =>
  svg(
    props,
    <path d="M3.5 14.500c4.7-4.7 12.3-4.7 17 0l-2.2 2.7-4-1.500v-2.700a10 10 0 0 0-4.6 0v2.700l-4 1.500z" />,
  );
export const DocumentIcon: IconType = (props) =>
  svg(
    props,
    <path d="M6 5.500A2 2 0 0 1 8 3.500h6l4.5 4.500v10.500a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2zM13.5 3.500V8.500h5M9 12.500h6M9 16h4" />,
  );
export const FileIcon: IconType = (props) =>
  svg(
    props,
    <path d="M6 5.500A2 2 0 0 1 8 3.500h6l4.5 4.500v10.500a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2zM13.5 3.500V8.500h5" />,
  );
export const PenIcon: IconType = (props) =>
  svg(
    props,
    <path d="M4.5 19.500l1-4.500L16.2 4.300a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.500L9 18.500zM14.5 6l3.5 3.5" />,
  );
export const SignIcon: IconType = (props) =>
  svg(
    props,
    <path d="M3.5 20h17M4 15.500c3-1 6.5-5.5 6.5-9 0-1.6-.8-2.5-1.8-2.500C6.5 4 6.5 12 8 14.500c1.2 2 3 .5 4-1.5.5 2 1.5 2.5 2.8 1.2.7 1.3 2.2 1.3 4.7.3" />,
  );
export const LockIcon: IconType = (props) =>
  svg(
    props,
    <path d="M5.5 12a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2zM8.5 10V7.500a3.5 3.5 0 0 1 7 0V10M12 14v2" />,
  );
export const AlertIcon: IconType = (props) =>
  svg(props, <path d="M12 4.500l8.7 15H3.300zM12 10v4.200M12 17h.01" />);
export const InfoIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="12" cy="12" r="8.3" />
      <path d="M12 11v5M12 8h.01" />
    </>,
  );
export const SearchIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="10.8" cy="10.8" r="6" />
      <path d="M15.5 15.500L20 20" />
    </>,
  );
export const LogoutIcon: IconType = (props) =>
  svg(
    props,
    <path d="M13.5 4.500h-6a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2h6M10 12h10M16.5 8.500L20 12l-3.5 3.5" />,
  );
export const GlobeIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="12" cy="12" r="8.3" />
      <path d="M3.7 12h16.600M12 3.700c2.3 2.4 3.4 5.2 3.4 8.300s-1.1 5.9-3.4 8.300c-2.3-2.4-3.4-5.2-3.4-8.300S9.7 6.1 12 3.700z" />
    </>,
  );
export const DownloadIcon: IconType = (props) =>
  svg(props, <path d="M12 4v11M7.5 11L12 15.500l4.5-4.500M4.5 19.500h15" />);
export const LinkIcon: IconType = (props) =>
  svg(
    props,
    <path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1-1" />,
  );
export const CopyIcon: IconType = (props) =>
  svg(
    props,
    <path d="M9 9.500a1.5 1.5 0 0 1 1.5-1.500h7a1.5 1.5 0 0 1 1.5 1.500v8.500a1.5 1.5 0 0 1-1.5 1.500h-7A1.5 1.5 0 0 1 9 18zM15.5 8V6A1.5 1.5 0 0 0 14 4.500H6.500A1.5 1.5 0 0 0 5 6v8.500A1.5 1.5 0 0 0 6.5 16H9" />,
  );
export const UserCheckIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="10" cy="8" r="3.5" />
      <path d="M3.5 19.500c.6-3.6 3.2-5.5 6.5-5.5 1.2 0 2.3.2 3.2.7M14.5 18l2.2 2.2 4-4.4" />
    </>,
  );
export const BanIcon: IconType = (props) =>
  svg(
    props,
    <>
      <circle cx="12" cy="12" r="8.3" />
      <path d="M6.3 6.300l11.4 11.4" />
    </>,
  );
export const TrashIcon: IconType = (props) =>
  svg(
    props,
    <path d="M4.5 6.500h15M9.500 6.500v-2h5v2M6.500 6.500l.8 13h9.400l.8-13M10.200 10.500v5.500M13.800 10.500v5.500" />,
  );
export const CardIcon: IconType = (props) =>
  svg(
    props,
    <path d="M3.5 7.500a2 2 0 0 1 2-2h13a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2zM3.5 10h17M7 15h3" />,
  );
export const WifiOffIcon: IconType = (props) =>
  svg(
    props,
    <path d="M12 18.500h.01M8.8 15.300a4.7 4.7 0 0 1 6 -.3M5.5 12a9.4 9.4 0 0 1 4.5-2.500M14.5 9.600a9.4 9.4 0 0 1 4 2.400M2.7 8.900A13.6 13.6 0 0 1 7.5 6M11 5.200a13.6 13.6 0 0 1 10.3 3.700M4 4l16 16" />,
  );
export const SettingsIcon: IconType = (props) =>
  svg(
    props,
    <path d="M4 7.500h9M17 7.500h3M4 16.500h3M11 16.500h9M15 9.700a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400zM9 18.700a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400z" />,
  );
export const RefreshIcon: IconType = (props) =>
  svg(props, <path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.300L19.5 9M19.5 4.500V9H15" />);
export const ShieldIcon: IconType = (props) =>
  svg(
    props,
    <path d="M12 3.500l7 2.700v5.300c0 4.3-2.8 7.3-7 9-4.2-1.7-7-4.7-7-9V6.200zM9 12l2.2 2.200L15.2 10" />,
  );
