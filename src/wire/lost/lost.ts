/** LoST messages: bytes to typed values and back. */
export { type UsableLostLocation, usableLocation } from './decode-location.ts';
export { decodeLostAnswer } from './decode-lost-answer.ts';
export { decodeLostQuery } from './decode-lost-query.ts';
export { encodeLostAnswer } from './encode-lost-answer.ts';
export { encodeLostQuery } from './encode-lost-query.ts';
export * from './lost-messages.ts';
