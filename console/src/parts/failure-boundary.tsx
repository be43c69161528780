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
    return <ProblemAlert error={error} onRetry={() => this.setState({ error: null })} />;
  }
}
