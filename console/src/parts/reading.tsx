import Spinner from '@cloudscape-design/components/spinner';
import type { ReactNode } from 'react';

/** Where something is still read. In a column that is `in-order`, what follows is shown once it stands: nothing that one reads is pushed away. */
export function Reading({ children = <Spinner /> }: { children?: ReactNode }) {
  return <div className="reading">{children}</div>;
}
