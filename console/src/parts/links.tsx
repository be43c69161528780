import Link from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';

/** A link within the console: it opens without loading the console anew, and in a new tab like any other. */
export function PageLink({
  to,
  children,
  fontSize,
  ariaLabel,
}: {
  to: string;
  children: ReactNode;
  fontSize?: 'body-s' | 'body-m';
  /** Where what is shown does not say where it leads. */
  ariaLabel?: string;
}) {
  const navigate = useNavigate();
  return (
    <Link
      href={to}
      {...(fontSize && { fontSize })}
      {...(ariaLabel !== undefined && { ariaLabel })}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(to);
      }}
    >
      {children}
    </Link>
  );
}
