interface LogoProps {
  size?: number;
  /** The clinic's own picture, in place of the mark. */
  src?: string | undefined;
}

/** The mark, a conversation's open ring in the clinic's colour, or the clinic's own picture. */
export function Logo({ size = 34, src }: LogoProps) {
  if (src) {
    // The clinic's name always stands beside it.
    return <img src={src} alt="" width={size} height={size} style={{ objectFit: "contain" }} />;
  }
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="10" fill="var(--accent)" />
      <path
        d="M21.6 11.2a7.4 7.4 0 1 0 0 9.6"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
      />
      <circle cx="22.4" cy="16" r="2.2" fill="#fff" />
    </svg>
  );
}
