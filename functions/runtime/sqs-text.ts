/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const NOT_TAKEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * A text as SQS takes it: each character that SQS refuses is written as JSON escapes it. JSON is the same JSON afterwards, since such a
 * character can only stand in its strings.
 */
export function sqsText(text: string): string {
  return text.replace(NOT_TAKEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
