import { type ReactNode, useEffect, useRef } from "react";
import visit from "../visit/visit.module.css";

/** One question; it is read out when it comes. */
export function Step({
  title,
  about,
  children,
}: {
  title: string;
  about?: string | undefined;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each new question
  useEffect(() => {
    heading.current?.focus();
    window.scrollTo(0, 0);
  }, [title]);
  return (
    <>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {about && <p className={visit.soft}>{about}</p>}
      </div>
      {children}
    </>
  );
}
