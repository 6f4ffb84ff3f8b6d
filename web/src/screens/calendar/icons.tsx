import { type IconType, svg } from "../../ui/icons";

export const FilterIcon: IconType = (props) => svg(props, <path d="M4 6.5h16M7 12h10M10 17.5h4" />);
export const PrintIcon: IconType = (props) =>
  svg(
    props,
    <path d="M7 9V4h10v5M7 17H5.500A1.5 1.5 0 0 1 4 15.500v-5A1.5 1.5 0 0 1 5.500 9h13a1.5 1.5 0 0 1 1.500 1.500v5a1.5 1.5 0 0 1-1.500 1.500H17M7 14h10v6H7z" />,
  );
export const MoveIcon: IconType = (props) =>
  svg(
    props,
    <path d="M12 4v16M4 12h16M9.500 6.500 12 4l2.500 2.500M9.500 17.500 12 20l2.500-2.500M6.500 9.500 4 12l2.500 2.500M17.500 9.500 20 12l-2.500 2.500" />,
  );
export const KeyboardIcon: IconType = (props) =>
  svg(
    props,
    <path d="M5.500 6.500h13A2.5 2.5 0 0 1 21 9v6a2.5 2.5 0 0 1-2.500 2.500h-13A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 2.500-2.500zM7 10.500h.01M10.300 10.500h.01M13.700 10.500h.01M17 10.500h.01M8.500 14h7" />,
  );
