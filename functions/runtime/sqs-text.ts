/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const NOT_TAKEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * Makes a text acceptable to SQS: writes each character that SQS refuses as a JSON escape. JSON keeps its meaning, since such a
 * character can only occur in its strings.
 */
export function sqsText(text: string): string {
  return text.replace(NOT_TAKEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
