/** The product's mark: a line that forks. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className="size-5.5 shrink-0 text-accent">
      <path
        d="M2 16h7c5 0 5-9 12-9M9 16h12"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <circle cx="9" cy="16" r="3" fill="currentColor" />
    </svg>
  );
}
