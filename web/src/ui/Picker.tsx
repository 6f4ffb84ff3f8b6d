import { type Ref, useRef } from "react";
import {
  Button,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
} from "react-aria-components";
import field from "./Field.module.css";
import { AlertIcon, ChevronDownIcon } from "./icons";
import styles from "./Picker.module.css";

export interface PickerProps {
  label: string;
  placeholder: string;
  /** Said when nothing matches what was typed. */
  none: string;
  options: readonly { id: string; name: string }[];
  value: string;
  onChange: (id: string) => void;
  onBlur?: () => void;
  inputRef?: Ref<HTMLInputElement>;
  error?: string | undefined;
}

/** One of many by name: type a few letters, or look through the list. */
export function Picker(props: PickerProps) {
  const { label, placeholder, none, options, value, onChange, onBlur, inputRef, error } = props;
  const box = useRef<HTMLDivElement>(null);
  return (
    <ComboBox
      className={field.frame ?? ""}
      defaultItems={options}
      value={value || null}
      onChange={(key) => onChange(key === null ? "" : String(key))}
      onBlur={onBlur ?? (() => {})}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
      menuTrigger="focus"
      allowsEmptyCollection
    >
      <Label className={field.label ?? ""}>{label}</Label>
      <div ref={box} className={styles.box}>
        <Input ref={inputRef ?? null} className={field.control ?? ""} placeholder={placeholder} />
        <Button className={styles.open ?? ""}>
          <ChevronDownIcon size={18} />
        </Button>
      </div>
      {error && (
        <FieldError className={field.error ?? ""}>
          <AlertIcon size={16} />
          {error}
        </FieldError>
      )}
      <Popover
        className={styles.popover ?? ""}
        // A modal dialog lies above everything that is not inside it.
        UNSTABLE_portalContainer={box.current?.closest("dialog") ?? document.body}
      >
        <ListBox
          className={styles.list ?? ""}
          renderEmptyState={() => <div className={styles.none}>{none}</div>}
        >
          {(item: { id: string; name: string }) => (
            <ListBoxItem id={item.id} textValue={item.name} className={styles.item ?? ""}>
              {item.name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
