/** Sends at once what a transaction queued: to be called when that is committed. Without it, the messages go out some seconds later. */
export type SendNow = () => void;
