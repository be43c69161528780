import { Component, type ReactNode } from 'react';
import { ProblemAlert } from './problem-alert.tsx';

/** A page that fails leaves the rest of the console standing. */
export class FailureBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    // Parts of a page that did not arrive are not asked for again before the document is: it may name others by now.
    return <ProblemAlert error={error} onRetry={() => window.location.reload()} />;
  }
}
